using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Oktsec.Storage;

namespace Oktsec.Webhooks;

/// <summary>The events that wait for one target, so that a slow or dead one holds up no other.</summary>
internal sealed partial class WebhookQueue : IAsyncDisposable
{
    // Minutes of alerts for a person; a thousand events are about a megabyte.
    private const int Capacity = 1000;

    // With the delays below about a minute: the length of a restart. What needs longer is a dead letter.
    private const int MaxAttempts = 7;

    private static readonly TimeSpan s_firstDelay = TimeSpan.FromSeconds(1);

    // Slack and Discord ask for seconds; longer than this is a receiver that does not want us.
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMinutes(5);

    // At the end of the program.
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly Channel<(WebhookEvent Event, string Template)> _waiting = Channel.CreateBounded<(WebhookEvent, string)>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly WebhookTarget _target;
    private readonly WebhookSender _sender;
    private readonly IDeadLetterStore _deadLetters;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private long _dropped;

    public WebhookQueue(WebhookTarget target, WebhookSender sender, IDeadLetterStore deadLetters, TimeProvider time, ILogger logger)
    {
        (_target, _sender, _deadLetters, _time, _logger) = (target, sender, deadLetters, time, logger);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Events that found the queue full, since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Never waits: what finds the queue full is counted, logged and gone. The record has it.</summary>
    public void Enqueue(WebhookEvent e, string template)
    {
        if (_waiting.Writer.TryWrite((e, template)))
            return;
        // The first, then once per thousand: a flood of events must not become a flood of log lines.
        if ((Interlocked.Increment(ref _dropped) - 1) % Capacity == 0)
            Log.Dropped(_logger, _target.Name, Capacity, Dropped);
    }

    /// <summary>Takes nothing more, gives what waits a moment, and keeps the rest as dead letters.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        try
        {
            await _running.WaitAsync(s_farewell, _time);
        }
        catch (TimeoutException)
        {
            await _stop.CancelAsync();
            await _running;
        }
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        await foreach (var (e, template) in _waiting.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await DeliverAsync(e, template);
            }
            catch (Exception fault) // one event that cannot be told must not silence the others
            {
                Log.NotKept(_logger, _target.Name, e.Kind, fault);
            }
        }
    }

    private async Task DeliverAsync(WebhookEvent e, string template)
    {
        // The same for every attempt: a receiver can tell a repetition.
        var delivery = RandomNumberGenerator.GetHexString(16, lowercase: true);
        var body = _target.Format.Write(e, template);
        var (attempts, error) = (0, "oktsec ended before it was delivered");
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var attempt = await _sender.PostAsync(_target, e.Kind, delivery, body, _stop.Token);
                attempts++;
                if (attempt.Error is null)
                    return;
                error = attempt.Error;
                if (!attempt.MayRetry || attempts == MaxAttempts)
                    break;
                Log.Retrying(_logger, _target.Name, e.Kind, attempts, error);
                await Task.Delay(Delay(attempts, attempt.RetryAfter), _time, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the program; what is not delivered is kept below.
        }
        await BuryAsync(e, template, attempts, error);
    }

    // Doubled each time, and spread over half of it, so that many senders do not come back at once.
    private static TimeSpan Delay(int attempts, TimeSpan? retryAfter)
    {
        var delay = s_firstDelay * Math.Pow(2, attempts - 1) * (0.5 + Random.Shared.NextDouble() / 2);
        if (retryAfter > delay)
            delay = retryAfter.Value;
        return delay < s_longestDelay ? delay : s_longestDelay;
    }

    private async Task BuryAsync(WebhookEvent e, string template, int attempts, string error)
    {
        Log.NotDelivered(_logger, _target.Name, e.Kind, attempts, error);
        var letter = new DeadLetter(0, _time.GetUtcNow(), _target.Name, e.Kind, e.AuditId, JsonPayload.Write(e, template), attempts, error);
        try
        {
            await _deadLetters.AddDeadLetterAsync(letter, CancellationToken.None);
        }
        catch (Core.Audit.AuditUnavailableException unavailable)
        {
            Log.NotKept(_logger, _target.Name, e.Kind, unavailable);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.WebhookDropped, LogLevel.Warning, "Webhook {Name} does not keep up: {Capacity} events wait, {Dropped} were dropped so far")]
        public static partial void Dropped(ILogger logger, string name, int capacity, long dropped);

        [LoggerMessage(EventIds.WebhookRetrying, LogLevel.Information, "Webhook {Name}: {Kind} not delivered at attempt {Attempt}: {Error}")]
        public static partial void Retrying(ILogger logger, string name, string kind, int attempt, string error);

        [LoggerMessage(EventIds.WebhookNotDelivered, LogLevel.Warning, "Webhook {Name}: {Kind} given up after {Attempts} attempts, kept as a dead letter: {Error}")]
        public static partial void NotDelivered(ILogger logger, string name, string kind, int attempts, string error);

        [LoggerMessage(EventIds.WebhookNotKept, LogLevel.Error, "Webhook {Name}: {Kind} neither delivered nor kept as a dead letter")]
        public static partial void NotKept(ILogger logger, string name, string kind, Exception e);
    }
}
