using Oktsec.Core.Audit;

namespace Oktsec.Commands;

/// <summary>Prints records as a table or as JSON Lines, in one piece or as they come.</summary>
internal sealed class LogPrinter(TextWriter output, bool isJson, bool isWide)
{
    private readonly TextTable table = new(output, isWide ? LogRow.WideColumns : LogRow.Columns);
    private bool hasHeading;

    public void Print(IReadOnlyList<AuditRow> rows)
    {
        if (isJson)
        {
            foreach (var row in rows)
                output.WriteLine(LogRow.Json(row));
        }
        else
        {
            var cells = rows.Select(row => LogRow.Cells(row, isWide)).ToArray();
            table.Fit(cells);
            if (!hasHeading)
                table.WriteHeading();
            hasHeading = true;
            foreach (var row in cells)
                table.Write(row);
        }
        output.Flush();
    }
}
