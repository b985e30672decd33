namespace Oktsec;

/// <summary>The id of every log event, once.</summary>
internal static class EventIds
{
    public const int AuditNotWritten = 1001;
    public const int NotHeld = 1002;
    public const int QuarantineFull = 1003;
    public const int BackendDown = 2001;
    public const int BackendRefused = 2002;
    public const int BackendLost = 2003;
    public const int RemoteProblem = 2004;
    public const int BackendFloods = 2005;
    public const int DoorFault = 3001;
    public const int ProxyFault = 3002;
    public const int StoreReplaced = 3101;
    public const int WebhookDropped = 3201;
    public const int WebhookRetrying = 3202;
    public const int WebhookNotDelivered = 3203;
    public const int WebhookNotKept = 3204;
    public const int Reloaded = 4001;
    public const int ReloadRefused = 4002;
    public const int ReloadProblem = 4003;
    public const int NeedsRestart = 4004;
    public const int AmbiguousEntry = 4005;
}
