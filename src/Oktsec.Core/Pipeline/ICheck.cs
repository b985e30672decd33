namespace Oktsec.Core.Pipeline;

/// <summary>One question about one message. Small, synchronous, no I/O; time comes from the context.</summary>
public interface ICheck
{
    /// <summary>Name in docs, metrics and records, snake_case.</summary>
    string Name { get; }

    /// <summary>Answers for one message. A check that throws is a denial (<see cref="SecurityPipeline"/>).</summary>
    CheckResult Evaluate(CallContext call);
}
