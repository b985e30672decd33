using System.Net.Http.Headers;
using Oktsec.Commands;

namespace Oktsec.Webhooks;

/// <summary>What became of one attempt.</summary>
/// <param name="Error">Null when it was taken. Names no URL.</param>
/// <param name="MayRetry">Whether the same post may succeed later.</param>
/// <param name="RetryAfter">When the receiver said so.</param>
internal readonly record struct Attempt(string? Error, bool MayRetry = false, TimeSpan? RetryAfter = null);

/// <summary>Posts a body once: address guard, redirects, signature, time limit.</summary>
internal sealed class WebhookSender(TimeProvider time) : IDisposable
{
    private const int MaxRedirects = 3;

    // Slack and Discord answer in well under a second.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    // Kept alive no longer, so that a name that moves is looked up, and checked, again.
    private static readonly TimeSpan s_connectionLife = TimeSpan.FromMinutes(2);

    // Made when something is to be sent: most processes that could send never do.
    private readonly Lazy<HttpMessageInvoker> _guarded = new(() => new HttpMessageInvoker(Handler(isGuarded: true)));
    private readonly Lazy<HttpMessageInvoker> _unguarded = new(() => new HttpMessageInvoker(Handler(isGuarded: false)));

    public async Task<Attempt> PostAsync(WebhookTarget target, string kind, string delivery, byte[] body, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(s_timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            return await FollowAsync(target, kind, delivery, body, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Attempt($"no answer within {s_timeout.TotalSeconds:0} s", MayRetry: true);
        }
        catch (HttpRequestException e) when (e.InnerException is PrivateAddressException refused)
        {
            return new Attempt(refused.Message);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new Attempt(e.Message, MayRetry: true);
        }
    }

    public void Dispose()
    {
        if (_guarded.IsValueCreated)
            _guarded.Value.Dispose();
        if (_unguarded.IsValueCreated)
            _unguarded.Value.Dispose();
    }

    // No environment proxy: it would be the proxy's address that is checked. No cookies: receivers must not recognise one another's posts.
    private static SocketsHttpHandler Handler(bool isGuarded) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = s_connectionLife,
        ConnectCallback = isGuarded ? GuardedConnection.ConnectAsync : null,
    };

    private async Task<Attempt> FollowAsync(WebhookTarget target, string kind, string delivery, byte[] body, CancellationToken cancel)
    {
        var url = target.Url;
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            using var request = Request(target, url, kind, delivery, body);
            // allow_private speaks of the host that the operator wrote, not of one that it names.
            var isTrusted = target.AllowPrivate && url.IdnHost == target.Url.IdnHost;
            using var response = await (isTrusted ? _unguarded : _guarded).Value.SendAsync(request, cancel);
            if ((int)response.StatusCode is not (301 or 302 or 307 or 308))
                return Judge(response);
            if (response.Headers.Location is not { } location || !Uri.TryCreate(url, location, out var next))
                return new Attempt("redirected to nowhere");
            if (next.Scheme != Uri.UriSchemeHttps && !(next.Scheme == Uri.UriSchemeHttp && url.Scheme == Uri.UriSchemeHttp))
                return new Attempt($"redirected from {url.Scheme} to {next.Scheme}");
            url = next;
        }
        return new Attempt($"redirected more than {MaxRedirects} times");
    }

    private HttpRequestMessage Request(WebhookTarget target, Uri url, string kind, string delivery, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.TryAddWithoutValidation("User-Agent", $"oktsec/{VersionCommand.Version}");
        request.Headers.TryAddWithoutValidation("X-Oktsec-Event", kind);
        request.Headers.TryAddWithoutValidation("X-Oktsec-Delivery", delivery);
        // What proves us to one origin is shown to no other.
        if (Uri.Compare(url, target.Url, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) != 0)
            return request;
        foreach (var (name, value) in target.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content.Headers.TryAddWithoutValidation(name, value);
        }
        if (target.Secret.Length > 0)
        {
            var timestamp = WebhookSignature.Timestamp(time.GetUtcNow());
            request.Headers.TryAddWithoutValidation(WebhookSignature.TimestampHeader, timestamp);
            request.Headers.TryAddWithoutValidation(WebhookSignature.Header, WebhookSignature.Of(target.Secret, timestamp, body));
        }
        return request;
    }

    private Attempt Judge(HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode)
            return default;
        var status = (int)response.StatusCode;
        var wait = response.Headers.RetryAfter is not { } after ? null : after.Delta ?? after.Date - time.GetUtcNow();
        return new Attempt($"HTTP {status}", status is 408 or 425 or 429 or >= 500, wait);
    }
}
