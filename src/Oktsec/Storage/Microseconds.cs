namespace Oktsec.Storage;

/// <summary>Times as the store keeps them: whole microseconds since 1970, UTC.</summary>
internal static class Microseconds
{
    public static long Of(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static long HourOf(long microseconds) => microseconds / (TimeSpan.TicksPerHour / TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset ToTime(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
