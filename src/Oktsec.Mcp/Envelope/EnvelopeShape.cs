using System.Text.Json;

namespace Oktsec.Mcp.Envelope;

/// <summary>What the members found make of a message: which kind, and whether each is of the type the specification says.</summary>
internal static class EnvelopeShape
{
    /// <summary>Null when the members make one message. JSON-RPC 2.0, sections 4 and 5; MCP 2025-11-25, "Messages".</summary>
    public static EnvelopeError? Check(in FoundMembers found, ReadOnlySpan<byte> bytes, ReadOnlyMemory<byte> id)
    {
        ref readonly var version = ref found[(int)EnvelopeMember.Version];
        if (version.Type != JsonTokenType.String || !JsonText.Means(version.In(bytes), "2.0"u8))
            return EnvelopeRefusal.Of(EnvelopeFault.BadVersion, version.Start, id);
        ref readonly var foundId = ref found[(int)EnvelopeMember.Id];
        if (foundId.IsPresent && !foundId.IsStringOrInteger(bytes))
            return EnvelopeRefusal.Of(EnvelopeFault.BadId, foundId.Start);
        return found[(int)EnvelopeMember.Method].IsPresent ? CheckCall(in found, bytes, id) : CheckResponse(in found, bytes, id);
    }

    /// <summary>Fills the message from what <see cref="Check"/> accepted.</summary>
    public static void Lift(in FoundMembers found, ReadOnlySpan<byte> bytes, RpcMessage message)
    {
        message.Id = found[(int)EnvelopeMember.Id].Range;
        message.Result = found[(int)EnvelopeMember.Result].Range;
        message.Error = found[(int)EnvelopeMember.Error].Range;
        ref readonly var method = ref found[(int)EnvelopeMember.Method];
        if (!method.IsPresent)
        {
            message.Kind = message.Error.IsEmpty ? RpcKind.Response : RpcKind.ErrorResponse;
            return;
        }

        message.Kind = message.Id.IsEmpty ? RpcKind.Notification : RpcKind.Request;
        message.Method = Methods.Decode(method.In(bytes));
        message.Params = found[(int)EnvelopeMember.Params].Range;
        message.Name = found[(int)EnvelopeMember.Name].Range;
        message.Arguments = found[(int)EnvelopeMember.Arguments].Range;
        message.Uri = found[(int)EnvelopeMember.Uri].Range;
        message.Cursor = found[(int)EnvelopeMember.Cursor].Range;
        message.Reference = found[(int)EnvelopeMember.Reference].Range;
        message.Meta = found[(int)EnvelopeMember.Meta].Range;
        var isProgress = message.Method == Methods.Progress;
        message.ProgressToken = found[(int)(isProgress ? EnvelopeMember.ProgressToken : EnvelopeMember.MetaProgressToken)].Range;
        message.Version = found[(int)EnvelopeMember.MetaVersion].Range;
        message.ClientCapabilities = found[(int)EnvelopeMember.MetaCapabilities].Range;
        message.ClientInfo = found[(int)EnvelopeMember.MetaClientInfo].Range;
        message.LogLevel = found[(int)EnvelopeMember.MetaLogLevel].Range;
        message.InputResponses = found[(int)EnvelopeMember.InputResponses].Range;
        message.RequestState = found[(int)EnvelopeMember.RequestState].Range;
        if (message.Method == Methods.Cancelled)
            message.CancelledId = found[(int)EnvelopeMember.RequestId].Range;
        if (Methods.HasName(message.Method))
            message.NameText = JsonText.Decode(message.Span(message.Name));
        if (Methods.HasUri(message.Method) && !message.Uri.IsEmpty)
            message.UriText = JsonText.Decode(message.Span(message.Uri));
    }

    private static EnvelopeError? CheckCall(in FoundMembers found, ReadOnlySpan<byte> bytes, ReadOnlyMemory<byte> id)
    {
        ref readonly var method = ref found[(int)EnvelopeMember.Method];
        if (method.Type != JsonTokenType.String || method.Length == 2) // two quotes
            return EnvelopeRefusal.Of(EnvelopeFault.BadMethod, method.Start, id);
        foreach (var member in (ReadOnlySpan<EnvelopeMember>)[EnvelopeMember.Result, EnvelopeMember.Error])
        {
            if (found[(int)member].IsPresent)
                return EnvelopeRefusal.Of(EnvelopeFault.UnknownShape, found[(int)member].Start, id, "a method stands beside a result or an error");
        }
        ref readonly var parameters = ref found[(int)EnvelopeMember.Params];
        if (parameters.Type is not (JsonTokenType.None or JsonTokenType.StartObject or JsonTokenType.StartArray))
            return EnvelopeRefusal.Of(EnvelopeFault.BadParams, parameters.Start, id);
        var text = Methods.Decode(method.In(bytes), out var isKnown);
        // MCP has params by name only; by position they could say what we do not look at. Other methods are passed on as JSON-RPC allows.
        return isKnown && parameters.Type == JsonTokenType.StartArray
            ? Bad(parameters, "\"params\" is an array", id)
            : CheckParams(in found, bytes, text, id);
    }

    private static EnvelopeError? CheckParams(in FoundMembers found, ReadOnlySpan<byte> bytes, string method, ReadOnlyMemory<byte> id)
    {
        var hasName = Methods.HasName(method);
        var hasUri = Methods.HasUri(method);
        ref readonly var parameters = ref found[(int)EnvelopeMember.Params];
        ref readonly var name = ref found[(int)EnvelopeMember.Name];
        if (hasName && name.Type != JsonTokenType.String)
            return Bad(name.IsPresent ? name : parameters, "\"params.name\" is missing or not a string", id);
        ref readonly var arguments = ref found[(int)EnvelopeMember.Arguments];
        if (hasName && arguments.Type is not (JsonTokenType.None or JsonTokenType.Null or JsonTokenType.StartObject))
            return Bad(arguments, "\"params.arguments\" is not an object", id);
        ref readonly var uri = ref found[(int)EnvelopeMember.Uri];
        if (hasUri && uri.Type != JsonTokenType.String && (uri.IsPresent || !IsGone(in found, bytes, method)))
            return Bad(uri.IsPresent ? uri : parameters, "\"params.uri\" is missing or not a string", id);
        ref readonly var meta = ref found[(int)EnvelopeMember.Meta];
        if (meta.Type is not (JsonTokenType.None or JsonTokenType.Null or JsonTokenType.StartObject))
            return Bad(meta, "\"params._meta\" is not an object", id);
        ref readonly var metaToken = ref found[(int)EnvelopeMember.MetaProgressToken];
        if (metaToken.IsPresent && !metaToken.IsStringOrInteger(bytes))
            return Bad(metaToken, "the progress token is neither a string nor an integer", id);
        ref readonly var token = ref found[(int)EnvelopeMember.ProgressToken];
        if (method == Methods.Progress && token.IsPresent && !token.IsStringOrInteger(bytes))
            return Bad(token, "the progress token is neither a string nor an integer", id);
        ref readonly var requestId = ref found[(int)EnvelopeMember.RequestId];
        if (method == Methods.Cancelled && requestId.IsPresent && !requestId.IsStringOrInteger(bytes))
            return Bad(requestId, "\"params.requestId\" is neither a string nor an integer", id);
        return null;
    }

    // A method that the message's own revision does not have any more: what it would need is not the answer to it.
    private static bool IsGone(in FoundMembers found, ReadOnlySpan<byte> bytes, string method) =>
        method is Methods.ResourcesSubscribe or Methods.ResourcesUnsubscribe
        && found[(int)EnvelopeMember.MetaVersion] is { Type: JsonTokenType.String } version && JsonText.Means(version.In(bytes), "2026-07-28"u8);

    private static EnvelopeError Bad(in FoundValue value, string what, ReadOnlyMemory<byte> id) =>
        EnvelopeRefusal.Of(EnvelopeFault.BadParams, value.Start, id, what);

    private static EnvelopeError? CheckResponse(in FoundMembers found, ReadOnlySpan<byte> bytes, ReadOnlyMemory<byte> id)
    {
        ref readonly var result = ref found[(int)EnvelopeMember.Result];
        ref readonly var error = ref found[(int)EnvelopeMember.Error];
        if (result.IsPresent == error.IsPresent)
            return EnvelopeRefusal.Of(EnvelopeFault.UnknownShape, Math.Max(result.Start, error.Start), id);
        if (!found[(int)EnvelopeMember.Id].IsPresent)
            return EnvelopeRefusal.Of(EnvelopeFault.BadId, 0, default, "a response has no \"id\"");
        if (result.IsPresent)
            return null;
        var isError = error.Type == JsonTokenType.StartObject
            && found[(int)EnvelopeMember.ErrorCode].IsInteger(bytes)
            && found[(int)EnvelopeMember.ErrorMessage].Type == JsonTokenType.String;
        return isError ? null : EnvelopeRefusal.Of(EnvelopeFault.UnknownShape, error.Start, id, "\"error\" has no integer code or no message");
    }
}
