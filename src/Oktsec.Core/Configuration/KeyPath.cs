using System.Text;

namespace Oktsec.Core.Configuration;

/// <summary>Where a value stands in the file: <c>agents.data-analyst.allowed_tools[2]</c>. Costs nothing until it is shown.</summary>
internal sealed class KeyPath
{
    public static readonly KeyPath Root = new(null, "", -1);

    private readonly KeyPath? _parent;
    private readonly string _key;
    private readonly int _index;

    private KeyPath(KeyPath? parent, string key, int index) => (_parent, _key, _index) = (parent, key, index);

    public KeyPath Then(string name) => new(this, name, -1);

    public KeyPath Then(int item) => new(this, "", item);

    public override string ToString()
    {
        var steps = new Stack<KeyPath>();
        for (var step = this; step._parent is not null; step = step._parent)
            steps.Push(step);
        var text = new StringBuilder();
        foreach (var step in steps)
        {
            if (step._index >= 0)
                text.Append('[').Append(step._index).Append(']');
            else if (IsPlain(step._key))
                text.Append(text.Length == 0 ? "" : ".").Append(step._key);
            else
                text.Append('[').Append(Shown.Quote(step._key)).Append(']');
        }
        return text.ToString();
    }

    // A dot inside a name would read as a step.
    private static bool IsPlain(string key) =>
        key.Length is > 0 and <= Shown.MaxLength && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '/');
}
