using Oktsec.Core.Configuration.Yaml;

namespace Oktsec.Core.Configuration;

/// <summary>Collects the problems of one file.</summary>
internal sealed class ProblemList(string file)
{
    // More than anyone reads; bounds the work on a file that is wrong in every line.
    private const int MaxProblems = 500;

    private readonly List<ConfigProblem> _problems = [];
    private bool _full;

    public int ErrorCount { get; private set; }

    public bool IsFull => _full;

    public void Error(Mark mark, string path, string message, string remedy = "") =>
        Add(ProblemKind.Error, mark, path, message, remedy);

    public void Warning(Mark mark, string path, string message, string remedy = "") =>
        Add(ProblemKind.Warning, mark, path, message, remedy);

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<ConfigProblem> InOrder() =>
        [.. _problems.OrderBy(p => p.Line).ThenBy(p => p.Column).ThenByDescending(p => p.Kind)];

    private void Add(ProblemKind kind, Mark mark, string path, string message, string remedy)
    {
        ErrorCount += kind == ProblemKind.Error ? 1 : 0;
        if (_full)
            return;
        if (_problems.Count == MaxProblems)
        {
            _full = true;
            ErrorCount++; // whatever it was, the rest of the file is not read: such a configuration must not be used
            (kind, path, message, remedy) = (ProblemKind.Error, "", $"more than {MaxProblems} problems", "correct these first");
        }
        _problems.Add(new ConfigProblem
        {
            Kind = kind,
            File = file,
            Line = mark.Line,
            Column = mark.Column,
            Path = path,
            Message = message,
            Remedy = remedy,
        });
    }
}
