using System.Runtime.InteropServices;
using Oktsec.Core.Configuration;

namespace Oktsec.Configuration;

/// <summary>Reads a configuration again when its file or one of its <c>${file:}</c> secrets changes, and on SIGHUP.</summary>
/// <remarks>
/// Looks at the files' stamps instead of asking for notifications: those miss files that are replaced through links (as mounted configuration is), network
/// file systems and used-up inotify watches. A look costs some microseconds (docs/decisions/0202-watch-by-stamp.md).
/// </remarks>
internal sealed class ConfigWatcher(string path, ConfigEnvironment environment, TimeProvider time) : IDisposable
{
    /// <summary>How often it looks; a change counts when the next look finds nothing newer, so that no half-written file is read.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly bool _hadTerminal = HasTerminal();
    private readonly List<IDisposable> _running = [];
    private Action<ConfigLoadResult>? _changed;
    private Dictionary<string, FileStamp> _loaded = [];
    private Dictionary<string, FileStamp>? _pending;
    private bool _isDisposed;

    /// <summary>Reads the file and remembers what it depends on.</summary>
    public ConfigLoadResult Load()
    {
        lock (_lock)
        {
            var files = new Dictionary<string, FileStamp>(StringComparer.Ordinal) { [path] = FileStamp.Of(path) };
            // The stamp is taken before the text: a change in between is seen by the next look.
            var result = ConfigFile.Load(path, environment with
            {
                ReadSecret = secret =>
                {
                    files[secret] = FileStamp.Of(secret);
                    return environment.ReadSecret(secret);
                },
            });
            (_loaded, _pending) = (files, null);
            return result;
        }
    }

    /// <summary>Watches from now on.</summary>
    /// <param name="changed">Gets each reading, one at a time, good or bad; keeps what it has when it is bad. Must not throw.</param>
    public void Start(Action<ConfigLoadResult> changed)
    {
        _changed = changed;
        _running.Add(time.CreateTimer(_ => Look(), null, Interval, Interval));
        if (!OperatingSystem.IsWindows())
            _running.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangUp));
    }

    public void Dispose()
    {
        foreach (var running in _running)
            running.Dispose();
        // Waits for a reading under way; none is announced after this.
        lock (_lock)
            _isDisposed = true;
    }

    private void Look()
    {
        lock (_lock)
        {
            var now = _loaded.Keys.ToDictionary(file => file, FileStamp.Of, StringComparer.Ordinal);
            if (Same(now, _loaded))
                _pending = null;
            else if (_pending is null || !Same(now, _pending))
                _pending = now;
            else
                Announce();
        }
    }

    private void OnHangUp(PosixSignalContext signal)
    {
        // A closed terminal sends the same signal and means the end: cancelling that would leave a gateway that nobody sees holding the port.
        if (_hadTerminal && !HasTerminal())
            return;
        signal.Cancel = true;
        lock (_lock)
            Announce();
    }

    private void Announce()
    {
        if (!_isDisposed)
            _changed!(Load());
    }

    // tty(4): /dev/tty opens as long as the process has a terminal.
    private static bool HasTerminal()
    {
        try
        {
            File.OpenHandle("/dev/tty", share: FileShare.ReadWrite | FileShare.Delete).Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool Same(Dictionary<string, FileStamp> a, Dictionary<string, FileStamp> b) =>
        a.All(file => b.TryGetValue(file.Key, out var stamp) && stamp == file.Value);
}
