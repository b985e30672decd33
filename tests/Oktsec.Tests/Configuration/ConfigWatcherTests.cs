using System.Runtime.InteropServices;
using System.Threading.Channels;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;

namespace Oktsec.Tests.Configuration;

/// <summary>With real files, the real clock and a real signal; waits for events, never for time.</summary>
public sealed class ConfigWatcherTests : IDisposable
{
    // Only a bound: reached when something is broken.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new();
    private readonly Channel<ConfigLoadResult> _seen = Channel.CreateUnbounded<ConfigLoadResult>();
    private readonly string _path;
    private readonly ConfigWatcher _watcher;

    public ConfigWatcherTests()
    {
        _path = _folder.Write("oktsec.yaml", "rate_limit: {per_agent: 1}");
        _watcher = new ConfigWatcher(_path, Names.Environment, TimeProvider.System);
    }

    public void Dispose()
    {
        _watcher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Watch_FileWrittenInPlace_IsReadAgain()
    {
        Start();

        File.WriteAllText(_path, "rate_limit: {per_agent: 22}");

        // A reading may have caught the file while it was empty; the last one counts.
        while ((await Next()).Config!.RateLimit.PerAgent != 22)
            continue;
    }

    [Fact]
    public async Task Watch_FileReplacedByRename_IsReadAgainEachTime()
    {
        Start();
        for (var limit = 2; limit < 5; limit++)
        {
            Replace(_path, $"rate_limit: {{per_agent: {limit}}}");

            Assert.Equal(limit, (await Next()).Config!.RateLimit.PerAgent);
        }
    }

    [Fact]
    public async Task Watch_LinkPointedElsewhere_IsReadAgain()
    {
        var link = Path.Join(_folder.Path, "link.yaml");
        File.CreateSymbolicLink(link, _path);
        using var watcher = new ConfigWatcher(link, Names.Environment, TimeProvider.System);
        Assert.Equal(1, watcher.Load().Config!.RateLimit.PerAgent);
        watcher.Start(result => _seen.Writer.TryWrite(result));
        var next = _folder.Write("next.yaml", "rate_limit: {per_agent: 7}");

        File.CreateSymbolicLink(link + ".new", next);
        File.Move(link + ".new", link, overwrite: true);

        Assert.Equal(7, (await Next()).Config!.RateLimit.PerAgent);
    }

    [Fact]
    public async Task Watch_BadFileThenGoodOne_TellsBoth()
    {
        Start();

        Replace(_path, "rate_limit: {per_agnet: 2}");
        var bad = await Next();
        Replace(_path, "rate_limit: {per_agent: 3}");
        var good = await Next();

        Assert.Null(bad.Config);
        Assert.Contains(bad.Problems, p => p.Path == "rate_limit.per_agnet");
        Assert.Equal(3, good.Config!.RateLimit.PerAgent);
    }

    [Fact]
    public async Task Watch_FileRemovedOrOpenedForOthers_IsAProblem()
    {
        Start();

        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.OtherWrite);
        Assert.Contains("chmod", Assert.Single((await Next()).Problems).Remedy);
        File.Delete(_path);
        Assert.Equal("does not exist", Assert.Single((await Next()).Problems).Message);
    }

    [Fact]
    public async Task Watch_SecretRotated_IsReadAgain()
    {
        var key = _folder.Write("hook.key", "old");
        File.WriteAllText(_path, "webhooks: [{name: a, url: 'https://hook.example/', secret: '${file:hook.key}'}]");
        Start();

        Replace(key, "newer");

        Assert.Equal("newer", (await Next()).Config!.Webhooks[0].Secret);
    }

    [Fact]
    public async Task HangUp_UnchangedFile_IsReadAgain()
    {
        Start();

        Assert.Equal(0, Kill(Environment.ProcessId, 1));

        Assert.Equal(1, (await Next()).Config!.RateLimit.PerAgent);
    }

    [Fact]
    public void Look_ChangeStillGoingOn_WaitsUntilItIsQuiet()
    {
        using var clock = new ManualTimer();
        using var watcher = new ConfigWatcher(_path, Names.Environment, clock);
        watcher.Load();
        watcher.Start(result => _seen.Writer.TryWrite(result));

        for (var i = 0; i < 5; i++)
        {
            File.AppendAllText(_path, "\n#");
            clock.Tick();
            Assert.False(_seen.Reader.TryRead(out _));
        }
        clock.Tick();
        Assert.True(_seen.Reader.TryRead(out _));
        clock.Tick();
        clock.Tick();
        Assert.False(_seen.Reader.TryRead(out _));
    }

    [Fact]
    public void Changed_OnlyKeysThatNeedARestart_AreNamed()
    {
        var old = new OktsecConfig();

        Assert.Empty(RestartKeys.Changed(old, old with { FailClosed = false }));
        Assert.Equal(["gateway.port", "db_path"], RestartKeys.Changed(old, old with { DbPath = "/x", Gateway = old.Gateway with { Port = 1 } }));
    }

    private void Start()
    {
        Assert.NotNull(_watcher.Load().Config);
        _watcher.Start(result => _seen.Writer.TryWrite(result));
    }

    private void Replace(string path, string text) => File.Move(_folder.Write("new", text), path, overwrite: true);

    private async Task<ConfigLoadResult> Next() => await _seen.Reader.ReadAsync().AsTask().WaitAsync(s_patience);

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);

    /// <summary>A clock with one timer, which fires when told.</summary>
    private sealed class ManualTimer : TimeProvider, ITimer
    {
        private Action? _fire;

        public void Tick() => _fire!();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _fire = () => callback(state);
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
