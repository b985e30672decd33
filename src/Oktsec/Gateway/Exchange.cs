using Oktsec.Core.Audit;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway;

/// <summary>One message of an agent on its way through: what came, what was decided, where the answer goes.</summary>
internal sealed record Exchange(GatewaySession Session, RpcMessage Message, PostReply Reply, CallContext Call, Decision Decision, AuditEntry Entry, long Started);
