namespace Oktsec.Scanning;

/// <summary>The canonical categories and the other names users know them by. The only place a category is named.</summary>
public static class Categories
{
    /// <summary>The canonical name for any accepted spelling (case, <c>_</c> or <c>-</c>, alias), or null when unknown.</summary>
    public static string? Canonical(string name) => throw new NotImplementedException();

    /// <summary>Canonical names in the order of the docs.</summary>
    public static IReadOnlyList<string> All => throw new NotImplementedException();
}
