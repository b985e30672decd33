namespace Oktsec.Core.Configuration.Schema;

/// <summary>The keys as a tree: which may stand inside which.</summary>
internal sealed class SchemaNode
{
    private readonly Dictionary<string, SchemaNode> _children = new(StringComparer.Ordinal);

    private SchemaNode(ConfigKey? key) => Key = key;

    /// <summary>Null at the root.</summary>
    public ConfigKey? Key { get; }

    public IReadOnlyDictionary<string, SchemaNode> Children => _children;

    /// <summary>Builds the tree; a parent stands before its children in the list.</summary>
    /// <exception cref="InvalidOperationException">The list contradicts itself: a mistake in our code.</exception>
    public static SchemaNode Build(IEnumerable<ConfigKey> keys)
    {
        var root = new SchemaNode(null);
        foreach (var key in keys)
        {
            var node = root;
            var steps = key.Path.Split('.');
            foreach (var step in steps.AsSpan(0, steps.Length - 1))
            {
                // The name a user chooses (NAME) and the item of a list ([]) are no step of their own: their keys are the parent's.
                if (!IsPlaceholder(step))
                    node = node._children[step.EndsWith("[]", StringComparison.Ordinal) ? step[..^2] : step];
            }
            if (!node._children.TryAdd(key.Name, new SchemaNode(key)))
                throw new InvalidOperationException($"the key {key.Path} is listed twice");
        }
        return root;
    }

    private static bool IsPlaceholder(string step) => step.All(char.IsAsciiLetterUpper);
}
