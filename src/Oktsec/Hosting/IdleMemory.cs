using Oktsec.Scanning;

namespace Oktsec.Hosting;

/// <summary>Gives back what large messages needed once nothing happens any more: without allocations the collector never runs, and neither heap nor pools become smaller.</summary>
/// <param name="allocated">Bytes allocated since the start.</param>
/// <param name="isBusy">Whether somebody would feel a pause.</param>
/// <param name="giveBack">Collects everything and returns what is free to the system.</param>
internal sealed class IdleMemory(Func<long> allocated, Func<bool> isBusy, Action giveBack)
{
    /// <summary>How often <see cref="Look"/> is to be called.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    // What timers and a few small calls allocate in that time is nothing to collect for.
    private const long Little = 1024 * 1024;

    // The array pool lets go of what was not used for a minute, in the collection after the one that first saw it unused.
    private const int Rounds = 4;

    private long _before = allocated();
    private int _left;

    /// <summary>Called in turn; a busy or allocating time is followed by a few collections as soon as it is over.</summary>
    public void Look()
    {
        var now = allocated();
        var isQuiet = now - _before <= Little;
        _before = now;
        if (!isQuiet)
            _left = Rounds;
        else if (_left > 0 && !isBusy())
        {
            _left--;
            giveBack();
            _before = allocated();
        }
    }

    /// <summary>The process's own.</summary>
    /// <param name="isBusy">Whether somebody would feel a pause.</param>
    /// <param name="scanner">The scanner in use; what it keeps of a large text is several times as large.</param>
    public static IdleMemory OfProcess(Func<bool> isBusy, Func<ContentScanner> scanner) => new(() => GC.GetTotalAllocatedBytes(), isBusy, () =>
    {
        scanner().ReleaseBuffers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    });
}
