using System.Text;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Definitions;

/// <summary>Characters nobody sees, in a text written for people to read and models to obey.</summary>
internal static class InvisibleText
{
    public static void Find(ToolDefinition tool, DefinitionReport report)
    {
        foreach (var field in tool.Fields)
        {
            var text = tool.Text(field);
            var previous = new Rune(' ');
            for (var at = 0; at < text.Length;)
            {
                Rune.DecodeFromUtf8(text[at..], out var rune, out var used);
                if (FoldTable.IsInvisible(rune.Value) && !IsOrdinary(rune.Value, previous.Value, at))
                {
                    report(field, at, used);
                    break;
                }
                previous = rune;
                at += used;
            }
        }
    }

    // Emoji joiners and presentation selectors, joiners between letters of scripts that need them, marks on letters, a byte order mark in front.
    public static bool IsOrdinary(int c, int previous, int at) => c switch
    {
        0xFE0E or 0xFE0F or 0x20E3 => previous >= 0x23,
        0x200C or 0x200D => previous >= 0x590,
        0xFEFF => at == 0,
        >= 0x300 and <= 0x36F => previous > 0x40,
        0xAD => true,
        0x200E or 0x200F or 0x61C => previous >= 0x590,
        _ => false,
    };
}
