using System.Diagnostics;
using System.Text.Json;

namespace Oktsec.Tests.Support;

/// <summary><c>oktsec logs --live --json</c>, read as it comes.</summary>
internal sealed class LiveLog : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<JsonElement> _records = [];
    private TaskCompletionSource _changed = New();
    private volatile bool _isEnding;

    public LiveLog(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.OutputDataReceived += OnLine;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What one agent's messages were recorded as, up to the first record that <paramref name="isLast"/>.</summary>
    public async Task<IReadOnlyList<JsonElement>> UntilAsync(string agent, Func<JsonElement, bool> isLast)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60)); // a hang must end as a failure
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                var own = _records.Where(record => record.GetProperty("from").GetString() == agent).ToList();
                var last = own.FindIndex(record => isLast(record));
                if (last >= 0)
                    return own[..last];
                changed = _changed.Task;
            }
            await changed.WaitAsync(patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isEnding = true;
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void OnLine(object sender, DataReceivedEventArgs line)
    {
        // The last line of a process that was ended may be half a record.
        if (line.Data is null || _isEnding)
            return;
        lock (_lock)
        {
            _records.Add(JsonDocument.Parse(line.Data).RootElement);
            _changed.SetResult();
            _changed = New();
        }
    }
}
