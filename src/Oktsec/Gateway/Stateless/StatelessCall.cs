using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway.Stateless;

/// <summary>A call of an agent that knows no sessions, over as many requests as it takes: a backend's questions end one, their answers come with the next. Thread safe.</summary>
internal sealed class StatelessCall(
    GatewaySession session, BackendSlot slot, RpcMessage message, PostReply reply, long sequence, Func<StatelessCall, Task<RpcMessage>> send)
    : InFlightCall(session, slot, message, reply, sequence)
{
    /// <summary>10: a person who was asked ten times has not understood, or the server has not.</summary>
    public const int MostRounds = 10;

    private readonly Lock _lock = new();
    private readonly List<Question> _open = [];
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _keys;
    private int _rounds;
    private bool _over;

    /// <summary>The backend's answer; null while the call has not been sent.</summary>
    public Task<RpcMessage>? Response { get; private set; }

    /// <summary>The token that progress is reported under to the backend; empty without one.</summary>
    public ReadOnlyMemory<byte> OwnToken { get; init; }

    /// <summary>The agent's token in its request of now.</summary>
    public ReadOnlyMemory<byte> AgentToken { get; private set; } = message.ProgressToken.IsEmpty ? default : message.Memory(message.ProgressToken).ToArray();

    /// <summary>The lowest level of log messages the agent wants with it; -1 for none.</summary>
    public int LogLevel { get; private set; } = StatelessRules.LogLevel(message);

    /// <summary>What the agent said with its request of now that it can do; read when it is asked for, which is seldom.</summary>
    public ClientFeatures Features => ClientFeatures.Of(Message);

    public bool MayInterrupt { get; } = Question.MayInterrupt(message.Method);

    /// <summary>How often the agent has been asked.</summary>
    public int Rounds { get => _rounds; init => _rounds = value; }

    /// <summary>Whether no request of the agent waits for it now.</summary>
    public bool IsParked { get; private set; }

    /// <summary>What a question needs that the agent does not have; ends the call.</summary>
    public string? MissingCapability { get; private set; }

    /// <summary>Completes when there is something to tell the agent before the answer.</summary>
    public Task Asked
    {
        get { lock (_lock) return _asked.Task; }
    }

    public bool HasQuestions
    {
        get { lock (_lock) return _open.Count > 0; }
    }

    public void Send() => Response = send(this);

    /// <summary>Adds a question for the agent; false when it is too late or there were too many.</summary>
    public bool TryAsk(Question question)
    {
        lock (_lock)
        {
            if (_over || Rounds >= MostRounds)
                return false;
            _open.Add(question with { Key = $"q{++_keys}" });
            _asked.TrySetResult();
            return true;
        }
    }

    /// <summary>A question needs what the agent does not have.</summary>
    public void Refuse(string capability)
    {
        lock (_lock)
        {
            MissingCapability ??= capability;
            _asked.TrySetResult();
        }
    }

    /// <summary>The backend takes a question back.</summary>
    public bool Withdraw(BackendSlot slot, ReadOnlySpan<byte> id)
    {
        lock (_lock)
        {
            for (var i = 0; i < _open.Count; i++)
            {
                if (_open[i].Slot != slot || !_open[i].Id.Span.SequenceEqual(id))
                    continue;
                _open.RemoveAt(i);
                if (_open.Count == 0 && MissingCapability is null)
                    _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
                return true;
            }
            return false;
        }
    }

    /// <summary>What the agent is to be asked now; the call waits for its answers.</summary>
    public Question[] Park()
    {
        lock (_lock)
        {
            IsParked = _open.Count > 0;
            if (IsParked)
                _rounds++;
            return [.. _open];
        }
    }

    /// <summary>The questions under their keys.</summary>
    public Question[] Questions()
    {
        lock (_lock)
            return [.. _open];
    }

    /// <summary>The agent came back: the call goes on with its request of now. Questions it answered are no longer open.</summary>
    public void Resume(RpcMessage message, PostReply reply, IReadOnlyCollection<Question> answered)
    {
        lock (_lock)
        {
            MoveTo(message, reply);
            AgentToken = message.ProgressToken.IsEmpty ? default : message.Memory(message.ProgressToken).ToArray();
            LogLevel = StatelessRules.LogLevel(message);
            IsParked = false;
            _open.RemoveAll(answered.Contains);
            if (_open.Count == 0)
                _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>The agent closed the request that waits for this call.</summary>
    public void OnLeft()
    {
        lock (_lock)
        {
            if (IsParked)
                return;
        }
        Cancel();
    }

    /// <summary>Takes no more questions; returns those that nobody will answer.</summary>
    public Question[] End()
    {
        lock (_lock)
        {
            _over = true;
            Question[] left = [.. _open];
            _open.Clear();
            return left;
        }
    }
}
