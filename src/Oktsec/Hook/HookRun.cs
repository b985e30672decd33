using Oktsec.Core.Configuration;

namespace Oktsec.Hook;

/// <summary>One run for one event: what is known of it at any moment is enough to answer.</summary>
internal sealed class HookRun(bool isEnforcing)
{
    private byte[] _bytes = [];
    private int _length;
    private readonly Lock _lock = new();
    private bool _isOver;
    private volatile bool _isRead;

    public bool IsEnforcing => isEnforcing;

    /// <summary>The format to answer in; Claude Code's until the event says otherwise.</summary>
    public HookFormat Format { get; private set; } = HookFormat.Claude;

    public string EventName { get; private set; } = HookFormat.Claude.Before[0];

    /// <summary>Why the call is denied; null when it is not.</summary>
    public string? Denial { get; private set; }

    /// <summary>What kept it from deciding.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads the event whole, up to one byte beyond the cap.</summary>
    public async Task ReadAsync(Stream stdin, int cap)
    {
        _bytes = new byte[16 * 1024]; // most events fit: a command, a path
        while (_length <= cap)
        {
            if (_length == _bytes.Length)
                Array.Resize(ref _bytes, Math.Min(_bytes.Length * 2, cap + 1));
            var read = await stdin.ReadAsync(_bytes.AsMemory(_length));
            if (read == 0)
            {
                _isRead = true;
                return;
            }
            _length += read;
            if (_length > cap)
                return;
        }
    }

    public async Task JudgeAsync(HookJudge judge, string? agent, LimitsConfig limits)
    {
        var problem = "";
        var said = _length > limits.MaxResultBytes ? null : HookEvent.Read(_bytes.AsSpan(0, _length), limits.MaxDepth, out problem);
        if (said is not null)
            (Format, EventName) = (said.Format, said.Name);
        var name = agent ?? Format.Client;
        if (said is not null && said.Input.Length > limits.MaxBodyBytes)
            (said, problem) = (null, $"the arguments are larger than {limits.MaxBodyBytes} bytes (limits.max_body_bytes)");
        else if (problem.Length == 0)
            problem = $"the event is larger than {limits.MaxResultBytes} bytes (limits.max_result_bytes)";
        var denial = said is not null ? await judge.JudgeAsync(said, name) : await judge.RefuseAsync(problem, name);
        lock (_lock)
        {
            if (!_isOver)
                (_isOver, Denial) = (true, denial);
        }
    }

    /// <summary>It cannot be decided: a denial when enforcing. Nothing when it was decided before.</summary>
    public void Fail(string problem)
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            _isOver = true;
            Problem = problem;
            // In the client's own format, and not where a denial stops nothing.
            if (_isRead && HookEvent.Read(_bytes.AsSpan(0, _length), new LimitsConfig().MaxDepth, out _) is { } said)
                (Format, EventName) = (said.Format, said.Name);
            Denial = isEnforcing && Format.KindOf(EventName) != HookKind.Told ? $"blocked by oktsec: check_failed, {problem}" : null;
        }
    }
}
