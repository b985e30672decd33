namespace Oktsec.Commands;

/// <summary>A time in the future as people type it: <c>12h</c>, <c>90d</c>, <c>1y</c>, or a date.</summary>
internal static class ExpiryArgument
{
    public const string Help = "12h, 90d, 1y, or a date: 2027-01-31";

    /// <summary>Null when it is neither, or not in the future.</summary>
    public static DateTimeOffset? Parse(string text, DateTimeOffset now)
    {
        var ahead = text is [.. var years, 'y'] ? SinceArgument.Duration(years + "d") * 365 : SinceArgument.Duration(text);
        // 100 years: what lasts longer is better said by leaving it out.
        if (ahead > TimeSpan.FromDays(36_500))
            return null;
        var time = ahead is { } span ? now + span : SinceArgument.Time(text);
        return time > now ? time : null;
    }
}
