using Oktsec.Core.Pipeline.Checks;
using Oktsec.Core.Policy;

namespace Oktsec.Core.Pipeline;

/// <summary>START HERE. The ordered lists of checks; the only place order is written. docs/pipeline.md repeats them and a test compares the two.</summary>
public static class PipelineOrder
{
    // Order is part of the contract: cheapest first, identity before policy, content last.

    /// <summary>What an agent sends: every request, notification and answer, before a backend sees it.</summary>
    public static ICheck[] Request(PipelineState state) =>
    [
        new MessageCheck(),                       // is it one unambiguous message
        new OriginCheck(),                        // may this page, under this host name, talk to us
        new IdentityCheck(),                      // who is calling
        new SuspensionCheck(),                    // are they suspended
        new MethodCheck(),                        // is it a method of MCP, where only those pass
        new RateLimitCheck(state.Rates),          // too often
        new ConcurrencyCheck(state.Concurrency),  // too many at once
        new VisibilityCheck(),                    // may they use this tool, prompt, resource
        new ContentScanCheck(),                   // what is in it -> findings
        new RuleOverrideCheck(),                  // what the operator says about those rules
        new BlockedContentCheck(state.Offences),  // does this agent refuse those categories
        new EscalationCheck(state.Offences),      // have they done this before
        new VerdictCheck(),                       // findings -> block
        new QuarantineCheck(),                    // findings -> hold for a person
    ];

    /// <summary>What a backend sends: results, errors, notifications and its own requests, before the agent sees it.</summary>
    public static ICheck[] Response(PipelineState state) =>
    [
        new MessageCheck(),                             // is it one unambiguous message
        new IdentityCheck(),                            // is the agent still one that policy knows
        new SuspensionCheck(),                          // are they suspended meanwhile
        new MethodCheck(),                              // is it a method of MCP, where only those pass
        new ResponseScanCheck(new ContentScanCheck()),  // what is in it -> findings
        new RuleOverrideCheck(),                        // what the operator says about those rules
        new VerdictCheck(),                             // findings -> block
        new QuarantineCheck(),                          // findings -> hold for a person
    ];

    /// <summary>What a backend offers: one tool, prompt, resource or template definition, or its instructions, before it is listed.</summary>
    public static ICheck[] Definition(PipelineState state) =>
    [
        new ContentScanCheck(),   // what is in it -> findings
        new RuleOverrideCheck(),  // what the operator says about those rules
        new VerdictCheck(),       // findings -> hide it
        new QuarantineCheck(),    // findings -> hide it, for a person to see
    ];
}

/// <summary>The counters that outlive a reload, each owned here and handed to the one check that uses it.</summary>
public sealed class PipelineState(TimeProvider time)
{
    public RateWindows Rates { get; } = new(time);

    public ConcurrencyGate Concurrency { get; } = new();

    public Offences Offences { get; } = new(time);
}
