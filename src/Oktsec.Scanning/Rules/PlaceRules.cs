using Oktsec.Scanning.Definitions;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Parsers;
using Oktsec.Scanning.Validators;

namespace Oktsec.Scanning.Rules;

/// <summary>The rules of one place, indexed for the scan.</summary>
internal sealed class PlaceRules
{
    public PlaceRules(IReadOnlyList<CompiledPattern> patterns, IReadOnlyList<Branch> raw, IReadOnlyList<Branch> folded, DetectorRule[] detectors, FactRule[][] facts, DefinitionRule[] definitions)
    {
        (Raw, Folded, Detectors, Definitions) = (new GramIndex(raw, patterns), new GramIndex(folded, patterns), detectors, definitions);
        Facts = Array.ConvertAll(facts, rules => new FactIndex(rules));
    }

    /// <summary>One that was written before.</summary>
    public PlaceRules(ref PackReader reader)
    {
        (Raw, Folded) = (new GramIndex(ref reader), new GramIndex(ref reader));
        Detectors = new DetectorRule[reader.Count()];
        for (var i = 0; i < Detectors.Length; i++)
            Detectors[i] = new DetectorRule(reader.Int32(), Detector.Find(reader.Text())!);
        Definitions = new DefinitionRule[reader.Count()];
        for (var i = 0; i < Definitions.Length; i++)
            Definitions[i] = new DefinitionRule(reader.Int32(), DefinitionCheck.Named(reader.Text())!);
        Facts = new FactIndex[reader.Count()];
        for (var i = 0; i < Facts.Length; i++)
            Facts[i] = new FactIndex(ref reader);
    }

    public GramIndex Raw { get; }

    public GramIndex Folded { get; }

    public DetectorRule[] Detectors { get; }

    public DefinitionRule[] Definitions { get; }

    /// <summary>By language.</summary>
    public FactIndex[] Facts { get; }

    public bool HasFacts => Array.Exists(Facts, static index => index.Patterns.Length > 0);

    public void Write(PackWriter writer)
    {
        Raw.Write(writer);
        Folded.Write(writer);
        writer.Count(Detectors.Length);
        foreach (var rule in Detectors)
        {
            writer.Int32(rule.Pattern);
            writer.Text(rule.Detector.Name);
        }
        writer.Count(Definitions.Length);
        foreach (var rule in Definitions)
        {
            writer.Int32(rule.Pattern);
            writer.Text(rule.Check.Name);
        }
        writer.Count(Facts.Length);
        foreach (var index in Facts)
            index.Write(writer);
    }
}
