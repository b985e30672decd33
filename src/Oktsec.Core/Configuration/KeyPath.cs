using System.Text;

namespace Oktsec.Core.Configuration;

/// <summary>Where a value stands in the file: <c>agents.data-analyst.allowed_tools[2]</c>. Costs nothing until it is shown.</summary>
internal sealed class KeyPath
{
    public static readonly KeyPath Root = new(null, "", -1);

    private readonly KeyPath? parent;
    private readonly string key;
    private readonly int index;

    private KeyPath(KeyPath? parent, string key, int index) => (this.parent, this.key, this.index) = (parent, key, index);

    public KeyPath Then(string name) => new(this, name, -1);

    public KeyPath Then(int item) => new(this, "", item);

    public override string ToString()
    {
        var steps = new Stack<KeyPath>();
        for (var step = this; step.parent is not null; step = step.parent)
            steps.Push(step);
        var text = new StringBuilder();
        foreach (var step in steps)
        {
            if (step.index >= 0)
                text.Append('[').Append(step.index).Append(']');
            else if (IsPlain(step.key))
                text.Append(text.Length == 0 ? "" : ".").Append(step.key);
            else
                text.Append('[').Append(Shown.Quote(step.key)).Append(']');
        }
        return text.ToString();
    }

    // A dot inside a name would read as a step.
    private static bool IsPlain(string key) =>
        key.Length is > 0 and <= Shown.MaxLength && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '/');
}
