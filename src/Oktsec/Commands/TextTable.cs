namespace Oktsec.Commands;

/// <summary>Prints rows under a heading, two spaces between columns. A column grows with what it holds and never shrinks.</summary>
internal sealed class TextTable(TextWriter output, params (string Name, int MinWidth)[] columns)
{
    private readonly int[] _widths = [.. columns.Select(c => Math.Max(c.MinWidth, c.Name.Length))];

    /// <summary>Makes room for rows that follow. Cells are text for the terminal already.</summary>
    public void Fit(IEnumerable<string[]> rows)
    {
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
                _widths[i] = Math.Max(_widths[i], row[i].Length);
        }
    }

    public void WriteHeading() => Write([.. columns.Select(c => c.Name)]);

    public void Write(string[] row)
    {
        for (var i = 0; i < row.Length - 1; i++)
            output.Write(row[i].PadRight(_widths[i] + 2));
        output.WriteLine(row[^1]);
    }
}
