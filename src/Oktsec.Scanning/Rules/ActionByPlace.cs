namespace Oktsec.Scanning.Rules;

/// <summary>What a rule asks for at each place; null goes by its severity.</summary>
public sealed record ActionByPlace(RuleAction? Arguments, RuleAction? Definition, RuleAction? Result)
{
    public static ActionByPlace BySeverity { get; } = new(null, null, null);

    public RuleAction? At(Place place) => place switch
    {
        Place.Arguments => Arguments,
        Place.Definition => Definition,
        _ => Result,
    };

    public ActionByPlace With(Place place, RuleAction action) => place switch
    {
        Place.Arguments => this with { Arguments = action },
        Place.Definition => this with { Definition = action },
        _ => this with { Result = action },
    };
}
