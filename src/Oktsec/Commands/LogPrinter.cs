using Oktsec.Core.Audit;

namespace Oktsec.Commands;

/// <summary>Prints records as a table or as JSON Lines, in one piece or as they come.</summary>
internal sealed class LogPrinter(TextWriter output, bool isJson, bool isWide)
{
    private readonly TextTable _table = new(output, isWide ? LogRow.WideColumns : LogRow.Columns);
    private bool _hasHeading;

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
            _table.Fit(cells);
            if (!_hasHeading)
                _table.WriteHeading();
            _hasHeading = true;
            foreach (var row in cells)
                _table.Write(row);
        }
        output.Flush();
    }
}
