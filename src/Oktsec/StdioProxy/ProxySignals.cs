using System.Runtime.InteropServices;
using Oktsec.Mcp.Stdio;

namespace Oktsec.StdioProxy;

/// <summary>Hears the signals that end a program, and passes them on to the server instead.</summary>
internal sealed class ProxySignals : IDisposable
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];
    private volatile ChildProcess? _child;
    private volatile int _early;
    private volatile int _first;

    public ProxySignals()
    {
        // The numbers are those of every Unix (POSIX kill, "-1" to "-15").
        Listen(PosixSignal.SIGTERM, 15);
        Listen(PosixSignal.SIGINT, 2);
        Listen(PosixSignal.SIGHUP, 1);
        Listen(PosixSignal.SIGQUIT, 3);
    }

    /// <summary>Completes with the first one.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The number of the first one, 0 before.</summary>
    public int First => _first;

    /// <summary>Where they go from now on; one that came before goes at once.</summary>
    public void PassTo(ChildProcess child)
    {
        _child = child;
        if (_early != 0)
            child.SignalGroup(_early);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void Listen(PosixSignal signal, int number) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (_first == 0)
            _first = number;
        if (_child is { } child)
            child.SignalGroup(number);
        else
            _early = number;
        _ended.TrySetResult();
    }));
}
