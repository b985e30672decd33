namespace Oktsec.Doctor;

/// <summary>Looks at one side of an installation, changes nothing, and says at least one line.</summary>
internal interface IHealthCheck
{
    string Name { get; }

    ValueTask<IReadOnlyList<HealthLine>> LookAsync(Installation at, CancellationToken cancel);
}
