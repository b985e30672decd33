using System.Globalization;

namespace Oktsec.Commands;

/// <summary>A time in the past as people type it: <c>90s</c>, <c>10m</c>, <c>2h</c>, <c>3d</c>, or an ISO date with or without time and zone.</summary>
internal static class SinceArgument
{
    public const string Help = "10m, 2h, 3d, or a time: 2026-01-31, 2026-01-31T14:00, 2026-01-31T14:00:00Z";

    private static readonly string[] s_formats =
        ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK"];

    /// <summary>Null when it is neither.</summary>
    public static DateTimeOffset? Parse(string text, DateTimeOffset now) => Duration(text) is { } ago ? now - ago : Time(text);

    // 100,000 days fit any calendar arithmetic here; more is a mistake.
    /// <summary><c>90s</c>, <c>10m</c>, <c>2h</c>, <c>3d</c>, <c>4w</c>; null when it is none.</summary>
    public static TimeSpan? Duration(string text) =>
        text.Length >= 2 && Unit(text[^1]) is { } unit
        && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        && unit.TotalDays * count <= 100_000 ? unit * count : null;

    /// <summary>A date, or date and time; without a zone the local one. Null when it is none.</summary>
    public static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParseExact(text, s_formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time) ? time : null;

    private static TimeSpan? Unit(char letter) => letter switch
    {
        's' => TimeSpan.FromSeconds(1),
        'm' => TimeSpan.FromMinutes(1),
        'h' => TimeSpan.FromHours(1),
        'd' => TimeSpan.FromDays(1),
        'w' => TimeSpan.FromDays(7),
        _ => null,
    };
}
