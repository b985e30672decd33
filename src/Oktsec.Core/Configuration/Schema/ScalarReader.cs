using System.Globalization;
using Oktsec.Core.Configuration.Yaml;

namespace Oktsec.Core.Configuration.Schema;

/// <summary>The text of a scalar to the value its key wants.</summary>
internal static class ScalarReader
{
    /// <summary>The value a key has when it is absent.</summary>
    public static ConfigValue Default(ConfigKey key, Mark mark, KeyPath path)
    {
        var value = new ConfigValue { Mark = mark, Path = path, Text = key.Default, Raw = key.Default };
        if (key.Default.Length > 0 && !Read(key, value))
            throw new InvalidOperationException($"the default of {key.Path} is not one");
        return value;
    }

    /// <summary>Fills in the typed value from the text; false when it is not of the key's type.</summary>
    public static bool Read(ConfigKey key, ConfigValue value)
    {
        switch (key.Type)
        {
            case KeyType.Choice:
                return key.Choices.Contains(value.Text, StringComparer.Ordinal);
            case KeyType.Flag:
                value.Flag = value.Text is "true" or "True" or "TRUE";
                return value.Flag || value.Text is "false" or "False" or "FALSE";
            case KeyType.Port:
                // 0 stands for auto; a port 0 that is written is out of range.
                return value.Text == "auto" || ReadNumber(key, value, value.Text, 1);
            case KeyType.Number:
                return ReadNumber(key, value, value.Text, 1);
            case KeyType.Size:
                return ReadSize(key, value);
            case KeyType.Duration:
                return ReadDuration(key, value);
            case KeyType.Url:
                return Uri.TryCreate(value.Text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
                    && uri.Host.Length > 0 && !value.Text.AsSpan().ContainsAnyInRange('\0', ' ');
            default:
                return true;
        }
    }

    /// <summary>What the key wants, for <c>expected ...</c>.</summary>
    public static string Expected(ConfigKey key) => key.Type switch
    {
        KeyType.Text => "a text",
        KeyType.Choice => "one of " + Shown.List(key.Choices),
        KeyType.Flag => "true or false",
        KeyType.Port => "a port from 1 to 65535, or auto",
        KeyType.Number => $"a whole number{Range(key)}",
        KeyType.Size => $"a number of bytes{Range(key)}, or a size such as 4MiB",
        KeyType.Duration => $"a duration such as 30s, 5m, 1h (a plain number is {UnitName(key.Unit)}){Range(key, " seconds")}",
        KeyType.Path => "the path of a file or folder",
        KeyType.Url => "a URL that begins with http:// or https://",
        KeyType.Texts => "a list, such as [a, b]",
        KeyType.TextMap => "a block of names with texts",
        KeyType.Section or KeyType.NamedSections => "an indented block of keys",
        KeyType.Sections => "a list of blocks, each beginning with \"- \"",
        _ => "anything",
    };

    public static string UnitName(TimeSpan unit) =>
        unit == TimeSpan.FromHours(1) ? "hours" : unit == TimeSpan.FromMinutes(1) ? "minutes" : unit == TimeSpan.FromDays(1) ? "days" : "seconds";

    private static string Range(ConfigKey key, string unit = "") =>
        key.Max == int.MaxValue ? $" of at least {key.Min}{unit}" : $" from {key.Min} to {key.Max}{unit}";

    private static bool ReadNumber(ConfigKey key, ConfigValue value, ReadOnlySpan<char> text, long unit)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || Math.Abs((decimal)number * unit) > int.MaxValue)
            return false;
        value.Number = number * unit;
        return value.Number >= key.Min && value.Number <= key.Max;
    }

    private static bool ReadSize(ConfigKey key, ConfigValue value)
    {
        var text = value.Text.AsSpan();
        var unit = text switch
        {
            [.., 'K', 'i', 'B'] => 1L << 10,
            [.., 'M', 'i', 'B'] => 1L << 20,
            [.., 'G', 'i', 'B'] => 1L << 30,
            _ => 1,
        };
        return ReadNumber(key, value, unit == 1 ? text : text[..^3].TrimEnd(), unit);
    }

    private static bool ReadDuration(ConfigKey key, ConfigValue value)
    {
        var text = value.Text.AsSpan();
        var (suffix, unit) = text switch
        {
            [.., 'm', 's'] => (2, TimeSpan.FromMilliseconds(1)),
            [.., 's'] => (1, TimeSpan.FromSeconds(1)),
            [.., 'm'] => (1, TimeSpan.FromMinutes(1)),
            [.., 'h'] => (1, TimeSpan.FromHours(1)),
            [.., 'd'] => (1, TimeSpan.FromDays(1)),
            _ => (0, key.Unit),
        };
        // int: a number of days that large still fits a TimeSpan's ticks as decimal.
        if (!int.TryParse(text[..^suffix], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        var ticks = (decimal)number * unit.Ticks;
        if (ticks < key.Min * (decimal)TimeSpan.TicksPerSecond || ticks > Math.Min(key.Max * (decimal)TimeSpan.TicksPerSecond, TimeSpan.MaxValue.Ticks))
            return false;
        value.Duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }
}
