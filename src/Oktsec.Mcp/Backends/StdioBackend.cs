using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Polling;
using Oktsec.Mcp.Stdio;

namespace Oktsec.Mcp.Backends;

/// <summary>A backend that is a child process of ours: one JSON-RPC message per line (MCP 2025-11-25, Transports, "stdio").</summary>
/// <remarks>
/// It ends for one of four reasons (<see cref="Ending"/>), and <see cref="RunDownAsync"/> then does the same each time: refuse new calls, let the
/// output come to its end, fail what still waits, say why, and leave no process.
/// </remarks>
internal sealed class StdioBackend : IBackend, ILineSink
{
    // From a broken pipe to the news of the exit: both are on their way, and the exit code is worth a moment.
    private static readonly TimeSpan ExitAfterPipe = TimeSpan.FromMilliseconds(250);

    private readonly BackendOptions _options;
    private readonly TimeProvider _time;
    private readonly CallTable _calls;
    private readonly Intake _intake;
    private readonly StderrRing _stderr = new();
    private readonly TaskCompletionSource<Ending> _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChildProcess? _child;
    private LineWriter? _writer;
    private CallWriter? _callWriter;
    private PendingCall? _deferred;
    private Exception? _fault;
    private long? _longLineId;
    private bool _mayLongLineAnswer;

    public StdioBackend(BackendOptions options, IBackendListener listener, TimeProvider time)
    {
        _options = options;
        _time = time;
        _calls = new CallTable(options, time, call => _ = WriteAsync(call), TellCancelled);
        _intake = new Intake(this, options, listener, _calls, answer => TryWrite(answer.Span));
    }

    private enum Ending : byte
    {
        Stopped,
        OutputEnded,
        Exited,
        InputBroken,
    }

    public string Name => _options.Name;

    public BackendHandshake? Handshake { get; private set; }

    public Task<string> Closed => _closed.Task;

    public BackendStats Stats =>
        new(_child?.Pid, _calls.Count, _intake.Refused, _intake.Noise, _intake.LastNoise, _calls.Late, _stderr.ToString());

    public async Task ConnectAsync(ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(_options.StartTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            StartWithoutContext();
            var opening = new StdioOpening(_options, _time, (request, end) => _calls.SendAsync(request, TimeSpan.Zero, end), SendAsync);
            Handshake = await opening.RunAsync(initializeParams, either.Token);
            if (_closed.Task.IsCompleted)
                throw new BackendUnavailableException(Name, $"{await _closed.Task} right after initialize", sent: false);
        }
        catch (ChildStartException e)
        {
            throw new BackendUnavailableException(Name, e.Message, sent: false, e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new BackendUnavailableException(
                Name, $"no answer to initialize within {_options.StartTimeout.TotalSeconds:0.###} s", sent: false, e);
        }
        catch (BackendUnavailableException e) when (e.Sent)
        {
            throw new BackendUnavailableException(Name, $"{e.Reason} before it answered initialize", sent: false, e);
        }
        finally
        {
            if (Handshake is null || _closed.Task.IsCompleted)
                await DisposeAsync();
        }
    }

    public Task<RpcMessage> RequestAsync(BackendRequest request, CancellationToken cancel) =>
        _calls.SendAsync(request, request.IsStream ? TimeSpan.Zero : _options.CallTimeout, cancel);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        try
        {
            while (Writer.TryWrite(message.Span, default, null, out var room) is null)
                await room.WaitAsync(_options.CallTimeout > TimeSpan.Zero ? _options.CallTimeout : Timeout.InfiniteTimeSpan, _time, cancel);
        }
        catch (IOException e)
        {
            throw new BackendUnavailableException(Name, await _closed.Task, sent: false, e);
        }
        catch (TimeoutException e)
        {
            throw new BackendUnavailableException(Name, "does not read its input", sent: false, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_child is null)
        {
            _calls.Close("was never started");
            _closed.TrySetResult("was never started");
            return;
        }
        _ending.TrySetResult(Ending.Stopped);
        await _stopped.Task;
    }

    void ILineSink.OnLine(ReadOnlyMemory<byte> line, byte[]? rented)
    {
        if (_intake.Take(line, rented, origin: null) is not { } call)
            return;
        if (PollWorker.IsLong(line.Length))
        {
            call.Queue(); // to the pool: others wait for this thread
            return;
        }
        if (_deferred is not null)
            PollWorker.Continue(_deferred);
        _deferred = call;
    }

    // Its caller learns of it now, not after the rest has come.
    void ILineSink.OnLongLine(ReadOnlySpan<byte> head)
    {
        _mayLongLineAnswer = IdPeek.IsAnswer(head) != false;
        _intake.RefuseTooLarge(_longLineId = _mayLongLineAnswer ? IdPeek.FromHead(head) : null);
    }

    void ILineSink.OnLongLineEnd(ReadOnlySpan<byte> tail)
    {
        if (_mayLongLineAnswer && _longLineId is null && IdPeek.FromTail(tail) is { } id)
            _intake.FailTooLarge(id);
    }

    IThreadPoolWorkItem? ILineSink.TakeDeferred()
    {
        var deferred = _deferred;
        _deferred = null;
        return deferred;
    }

    void ILineSink.OnEnd(Exception? error)
    {
        if (error is not (null or IOException or ObjectDisposedException or OperationCanceledException))
            _fault = error;
        _outputEnded.TrySetResult();
        _ending.TrySetResult(Ending.OutputEnded);
    }

    private LineWriter Writer => _writer ?? throw new InvalidOperationException("not connected");

    // The connection outlives the request it was opened for, and shall not carry that one's context (activity, principal) along.
    private void StartWithoutContext()
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            Start();
            return;
        }
        using (ExecutionContext.SuppressFlow())
            Start();
    }

    private void Start()
    {
        var environment = ChildEnvironment.Build(Environment.GetEnvironmentVariables(), _options.Env);
        var path = CommandLookup.Resolve(_options.Command, environment.GetValueOrDefault("PATH"), _options.Cwd);
        _child = ChildProcess.Start(new ChildStart(path, [_options.Command, .. _options.Args], environment, _options.Cwd));
        _writer = new LineWriter(_child.Input, _ => _ending.TrySetResult(Ending.InputBroken));
        _callWriter = new CallWriter(_writer);
        _ = StopAfterEndingAsync(_child, _stderr.FillAsync(_child.Error));
        _ = _child.Exited.ContinueWith(_ => _ending.TrySetResult(Ending.Exited), TaskScheduler.Default);
        new LineReader(_child.Output, _options.Limits.MaxBytes, this).Start();
    }

    private async Task WriteAsync(PendingCall call)
    {
        try
        {
            await (_callWriter ?? throw new InvalidOperationException("not connected")).WriteAsync(call, _calls);
        }
        catch (IOException e)
        {
            _calls.Fail(call.Id, await _closed.Task, sent: false, e);
        }
    }

    private void TellCancelled(PendingCall call, string reason) => TryWrite(call.Cancelled(reason));

    // What is lost when the child does not read is of no use to it then.
    private void TryWrite(ReadOnlySpan<byte> message)
    {
        try
        {
            _writer?.TryWrite(message, default, null, out _);
        }
        catch (IOException)
        {
            // The connection is ending, for that reason.
        }
    }

    private async Task StopAfterEndingAsync(ChildProcess child, Task stderrEnded)
    {
        try
        {
            await RunDownAsync(child, stderrEnded);
        }
        finally
        {
            _stopped.SetResult();
        }
    }

    private async Task RunDownAsync(ChildProcess child, Task stderrEnded)
    {
        var ending = await _ending.Task;
        if (ending is Ending.OutputEnded or Ending.InputBroken)
            await EndsWithin(child.Exited, ExitAfterPipe);
        var reason = Reason(ending, child);
        _closed.SetResult(reason);
        _calls.Close(reason);
        if (ending is Ending.OutputEnded or Ending.Stopped)
            End(reason); // no response can come any more; else there may be some in the pipe

        await child.StopAsync(_outputEnded.Task, _options.StopTimeout, _time);
        // A process that left the group can hold the pipes open: we have waited long enough.
        await child.Output.DisposeAsync();
        await _outputEnded.Task;
        await child.Error.DisposeAsync();
        await stderrEnded;

        End(reason);
        _calls.Dispose();
    }

    private void End(string reason)
    {
        _calls.FailAll(reason, call => _callWriter?.MayHaveLeft(call) ?? false);
        _intake.Close(reason);
    }

    private string Reason(Ending ending, ChildProcess child)
    {
        var exit = child.Exited.IsCompletedSuccessfully ? child.Exited.Result.ToString() : null;
        return ending switch
        {
            Ending.Stopped => "was stopped",
            Ending.OutputEnded when _fault is not null => $"its output could not be handled ({_fault.GetType().Name}: {_fault.Message})",
            Ending.OutputEnded => exit ?? "closed its output",
            Ending.InputBroken => exit ?? "no longer reads its input",
            _ => exit ?? "exited",
        };
    }

    private async Task EndsWithin(Task task, TimeSpan patience)
    {
        try
        {
            await task.WaitAsync(patience, _time);
        }
        catch (TimeoutException)
        {
            // Then without.
        }
    }
}
