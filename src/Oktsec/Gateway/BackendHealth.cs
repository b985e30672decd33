namespace Oktsec.Gateway;

/// <summary>How one backend of the configuration is doing, over all sessions: nobody waits for a backend that is known to be down.</summary>
internal sealed class BackendHealth(string name, TimeProvider time)
{
    /// <summary>First pause after a failed start, doubled with each further one, up to the last: a restart takes about a second, a machine about thirty.</summary>
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    /// <summary>5 s for a list when its last good one can stand in: a hundred times the usual, and less than people wait. A second round within a minute gets a moment only, known or not.</summary>
    private static readonly TimeSpan s_listPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_listMoment = TimeSpan.FromMilliseconds(250);
    /// <summary>5 s, too, for the answer to what a session sets: a remote server needs a second.</summary>
    private static readonly TimeSpan s_tellPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_hangIsNews = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private int _failures;
    private long _retryAt;
    private long? _hungAt;

    public string Name { get; } = name;

    /// <summary><c>unknown</c> until first used, then <c>up</c> or <c>down</c>.</summary>
    public string State { get; private set; } = "unknown";

    /// <summary>Why it is down, in words; empty otherwise.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Whether it said that it has resources when it was last up; null when it never was.</summary>
    public bool? OffersResources { get; private set; }

    public bool IsDown => PauseLeft() > TimeSpan.Zero;

    /// <summary>How long until the next attempt makes sense; zero or less when it may be tried now.</summary>
    public TimeSpan PauseLeft()
    {
        lock (_lock)
            return _failures == 0 ? TimeSpan.Zero : time.GetElapsedTime(time.GetTimestamp(), _retryAt);
    }

    /// <summary>Waits until an attempt makes sense.</summary>
    public async Task PauseAsync(CancellationToken cancel)
    {
        // Timers count whole milliseconds and fire up to one early, and another attempt may fail meanwhile: who came back then would be refused.
        while (PauseLeft() is var left && left > TimeSpan.Zero)
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), time, cancel);
    }

    /// <summary>Fires when a list has been waited for long enough.</summary>
    /// <param name="isKnown">Whether its last good one can stand in.</param>
    /// <param name="startTimeout">Otherwise: to whoever waits for it, it has not started before it lists.</param>
    public CancellationTokenSource ListLimit(bool isKnown, TimeSpan startTimeout)
    {
        lock (_lock)
        {
            var hasHung = _hungAt is { } at && time.GetElapsedTime(at) < s_hangIsNews;
            if (!hasHung)
                _hungAt = null;
            return new CancellationTokenSource(hasHung ? s_listMoment : isKnown ? s_listPatience : startTimeout, time);
        }
    }

    /// <summary>Fires when it had long enough to answer what a session sets (<see cref="Telling"/>), or to take what is told to all.</summary>
    public CancellationTokenSource TellLimit() => new(s_tellPatience, time);

    /// <summary>It did not give a list in time.</summary>
    public void Hung()
    {
        lock (_lock)
            _hungAt ??= time.GetTimestamp();
    }

    /// <summary>It gave one.</summary>
    public void Listed()
    {
        lock (_lock)
            _hungAt = null;
    }

    public void Up(bool offersResources)
    {
        lock (_lock)
            (_failures, State, Reason, OffersResources) = (0, "up", "", offersResources);
    }

    /// <summary>A start failed; returns whether it was up or unknown before, so that one event is raised per outage.</summary>
    public bool Down(string reason)
    {
        lock (_lock)
        {
            var isNews = State != "down";
            var pause = TimeSpan.FromTicks(Math.Min(s_longestPause.Ticks, s_firstPause.Ticks << Math.Min(_failures, 10)));
            _failures++;
            _retryAt = time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency);
            (State, Reason) = ("down", reason);
            return isNews;
        }
    }
}
