using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Oktsec.Hosting;

/// <summary>Warnings and errors on stderr, as <see cref="ConsoleLogs"/> writes them, without what that needs.</summary>
/// <remarks>
/// A proxy stands before every server of a machine, and a hook starts for every tool call: neither has use for a container, options and a thread
/// of its own to write a line now and then.
/// </remarks>
internal sealed class StderrLogs(TextWriter error, TimeProvider time) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Category(categoryName, error, time);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Category(string name, TextWriter error, TimeProvider time) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"{time.GetLocalNow():HH:mm:ss} {Word(logLevel)}: {name}[{eventId.Id}] {formatter(state, exception)}{(exception is null ? "" : $" {exception}")}");
            error.WriteLine(text.ReplaceLineEndings(" ")); // one line each, as people and tools read logs; stderr's writer keeps them whole
        }

        private static string Word(LogLevel level) => level switch
        {
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
    }
}
