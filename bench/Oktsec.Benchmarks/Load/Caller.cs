using System.Diagnostics;

namespace Oktsec.Benchmarks.Load;

/// <summary>One connection in a closed loop: call, check the answer, note the time, call again.</summary>
internal sealed class Caller(IConnection connection, Payload payload, int number) : IDisposable
{
    private readonly CallWriter _calls = connection.Writer(payload, number);

    /// <summary>Calls until <paramref name="until"/> (a <see cref="Stopwatch"/> timestamp); adds each call's duration to <paramref name="durations"/>.</summary>
    public void Run(long until, List<long> durations)
    {
        long now;
        do
        {
            var request = _calls.Next();
            var start = Stopwatch.GetTimestamp();
            var answer = connection.Call(request);
            now = Stopwatch.GetTimestamp();
            durations.Add(now - start);
            // The marker opens the text of the answer, so a refusal, an error or another call's answer has none of it.
            if (answer[..Math.Min(answer.Length, 1024)].IndexOf(_calls.Marker) < 0)
                throw new InvalidDataException($"not this call's answer: {System.Text.Encoding.UTF8.GetString(answer[..Math.Min(answer.Length, 400)])}");
        }
        while (now < until);
    }

    public void Dispose() => connection.Dispose();
}
