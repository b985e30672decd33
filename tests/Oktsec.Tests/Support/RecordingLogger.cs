using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Oktsec.Tests.Support;

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly ConcurrentQueue<string> lines = [];

    public IReadOnlyCollection<string> Lines => lines;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue(formatter(state, exception));
}
