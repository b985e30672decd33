using System.Buffers;
using Oktsec.Scanning.Definitions;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Parsers;
using Oktsec.Scanning.Validators;

namespace Oktsec.Scanning.Rules;

/// <summary>A rule ready to run: its patterns' branches, condition and validators.</summary>
internal sealed class CompiledRule
{
    // Most matches are a line or two.
    private const int MaxOnStack = 512;

    public required Rule Rule { get; init; }

    /// <summary>Index in the rule set.</summary>
    public required int Index { get; init; }

    public required RuleCondition? Condition { get; init; }

    public required Validator[] Validators { get; init; }

    public required Alternative[] Excludes { get; init; }

    /// <summary>What a redaction calls its matches.</summary>
    public string RedactAs => field ??= Rule.RedactAs.Length > 0 ? Rule.RedactAs : Rule.Name.Replace('_', '-');

    /// <summary>A match that holds one of the rule's exclusions is none.</summary>
    public bool IsExcluded(ReadOnlySpan<byte> match, ref long steps)
    {
        if (Excludes.Length == 0)
            return false;
        // The automaton wants field ends around the text; matches are rare, a copy is cheap.
        var rented = match.Length + 2 > MaxOnStack ? ArrayPool<byte>.Shared.Rent(match.Length + 2) : null;
        var text = (rented ?? stackalloc byte[MaxOnStack])[..(match.Length + 2)];
        text[0] = text[^1] = RegexClasses.FieldEnd;
        match.CopyTo(text[1..]);
        var isExcluded = false;
        for (var i = 0; i < Excludes.Length && !isExcluded; i++)
            isExcluded = Excludes[i].IsIn(text, 1, text.Length, ref steps);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return isExcluded;
    }
}

/// <summary>A pattern ready to run.</summary>
/// <param name="Rule">Its rule.</param>
/// <param name="Number">Its position in the rule.</param>
/// <param name="View">The view it runs on.</param>
/// <param name="Validators">Its own tests, besides its rule's.</param>
/// <param name="Predicate">What it asks of facts; null when it is about text.</param>
internal sealed record CompiledPattern(CompiledRule Rule, int Number, PatternView View, Validator[] Validators, FactPredicate? Predicate);

/// <summary>A pattern over what a parser reports.</summary>
internal sealed record FactRule(int Pattern, FactLanguage Language, FactPredicate Predicate);

/// <summary>A pattern that is a search in code.</summary>
internal sealed record DetectorRule(int Pattern, Detector Detector);

/// <summary>A pattern that is a check of a definition's structure.</summary>
internal sealed record DefinitionRule(int Pattern, DefinitionCheck Check);
