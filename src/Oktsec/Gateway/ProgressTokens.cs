using System.Collections.Concurrent;
using System.Text;

namespace Oktsec.Gateway;

/// <summary>Which call a progress notification belongs to, by the token's raw spelling. Thread safe.</summary>
internal sealed class ProgressTokens
{
    private readonly ConcurrentDictionary<string, InFlightCall> _calls = new(StringComparer.Ordinal);

    private long _last;

    /// <summary>A token of ours: on a shared backend two agents may use the same one.</summary>
    public byte[] NewToken() => Encoding.ASCII.GetBytes(Interlocked.Increment(ref _last).ToString(System.Globalization.CultureInfo.InvariantCulture));

    public void Add(ReadOnlySpan<byte> token, InFlightCall call) => _calls[Encoding.UTF8.GetString(token)] = call;

    public void Remove(ReadOnlySpan<byte> token) => _calls.TryRemove(Encoding.UTF8.GetString(token), out _);

    public InFlightCall? Find(ReadOnlySpan<byte> token) => _calls.GetValueOrDefault(Encoding.UTF8.GetString(token));
}
