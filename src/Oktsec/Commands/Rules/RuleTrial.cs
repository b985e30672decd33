using System.Buffers;
using Oktsec.Commands.Scan;
using Oktsec.Scanning;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands.Rules;

/// <summary>One finding of a trial, with what happens at each place where it is found.</summary>
/// <param name="Finding">At the first of these places.</param>
/// <param name="Start">Offset in bytes in the text tried.</param>
/// <param name="Length">Length in bytes.</param>
/// <param name="Actions">By place.</param>
internal sealed record TrialRow(Finding Finding, int Start, int Length, List<(Place Place, RuleAction Action)> Actions);

/// <summary>
/// Tries one content against all rules. Plain text in arguments is tried as the value of a field of every role: whoever writes a rule for
/// commands wants to know of it without writing the call around the command.
/// </summary>
internal sealed class RuleTrial(RuleSet rules, string tool)
{
    private const ToolClasses Every = ToolClasses.Exec | ToolClasses.Sql | ToolClasses.FsRead | ToolClasses.FsWrite | ToolClasses.Http | ToolClasses.Message | ToolClasses.Content;

    // Names that the scanner gives a role each.
    private static readonly string[] s_fields = ["text", "command", "path", "url", "sql", "code", "name"];

    private readonly ContentScanner _scanner = new(rules);
    private readonly ScanHints _hints = new() { Tool = tool, ToolClasses = tool.Length > 0 ? ToolClasses.None : Every };
    private readonly List<TrialRow> _rows = [];

    public IReadOnlyList<TrialRow> Run(byte[] content, IEnumerable<Place> places)
    {
        var isJson = ScanInput.IsJson(content);
        foreach (var place in places)
        {
            if (isJson)
                Add(_scanner.ScanJson(content, place, _hints), place, content.Length, offsets: null);
            else if (place == Place.Result)
                Add(_scanner.ScanText(content, place, _hints), place, content.Length, offsets: null);
            else
                foreach (var field in place == Place.Definition ? ["description"] : s_fields)
                    AddField(field, content, place);
        }
        return [.. _rows.OrderBy(row => row.Start).ThenBy(row => row.Finding.RuleId, StringComparer.Ordinal)];
    }

    private void AddField(string name, byte[] content, Place place)
    {
        var (json, offsets) = Wrap(name, content);
        Add(_scanner.ScanJson(json, place, _hints), place, content.Length, offsets);
    }

    private void Add(ScanResult result, Place place, int length, int[]? offsets)
    {
        foreach (var finding in result.Findings)
        {
            var (start, end) = (finding.Start, finding.Start + finding.Length);
            if (offsets is not null)
                (start, end) = (offsets[start], offsets[end]);
            var known = _rows.Find(row => row.Finding.RuleId == finding.RuleId && row.Start == start && row.Length == end - start && row.Finding.Via == finding.Via);
            if (known is null)
                _rows.Add(known = new TrialRow(finding, start, Math.Min(end, length) - start, []));
            if (!known.Actions.Exists(action => action.Place == place))
                known.Actions.Add((place, finding.Action));
        }
    }

    // {"name":"content"}, and for every byte of it the byte of the content that it stands for.
    private static (byte[] Json, int[] Offsets) Wrap(string name, byte[] content)
    {
        var json = new ArrayBufferWriter<byte>();
        var offsets = new List<int>();
        void Put(ReadOnlySpan<byte> bytes, int source)
        {
            json.Write(bytes);
            for (var i = 0; i < bytes.Length; i++)
                offsets.Add(source);
        }

        Put("{\""u8, 0);
        Put(System.Text.Encoding.ASCII.GetBytes(name), 0);
        Put("\":\""u8, 0);
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] < 0x20 || content[i] is (byte)'"' or (byte)'\\')
                Put(System.Text.Encoding.ASCII.GetBytes($"\\u{content[i]:x4}"), i);
            else
                Put(content.AsSpan(i, 1), i);
        }
        Put("\"}"u8, content.Length);
        offsets.Add(content.Length);
        return (json.WrittenSpan.ToArray(), [.. offsets]);
    }
}
