using Oktsec.Core.Configuration.Sections;

namespace Oktsec.Core.Configuration.Schema;

/// <summary>Every key there is, in the order of the docs. The only list: reading, unknown keys and docs/configuration.md follow from it.</summary>
internal static class ConfigKeys
{
    public static readonly IReadOnlyList<ConfigKey> All =
    [
        .. GatewaySection.Keys,
        .. IdentitySection.Keys,
        .. BackendSection.Keys,
        .. AgentSection.Keys,
        .. RuleSection.Keys,
        .. WebhookSection.Keys,
        .. TopSection.Keys,
        .. LimitsSection.Keys,
        .. CompatKeys.Keys,
    ];

    public static readonly SchemaNode Root = SchemaNode.Build(All);
}
