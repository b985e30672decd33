using System.Text.Json;

namespace Oktsec.Mcp.Envelope;

/// <summary>Where the members of a result stand that revision 2026-07-28 gives a meaning to; empty ranges for those it lacks.</summary>
public readonly struct ResultMembers
{
    /// <summary>Whether the result has no member at all.</summary>
    public bool IsEmpty { get; private init; }

    public ByteRange ResultType { get; private init; }

    /// <summary>Whether the result is final; one that says nothing of it is.</summary>
    public bool IsComplete { get; private init; }

    /// <summary>Whether more is wanted before there is a result (Multi Round-Trip Requests).</summary>
    public bool IsInputRequired { get; private init; }

    public ByteRange TtlMs { get; private init; }

    public ByteRange CacheScope { get; private init; }

    public ByteRange RequestState { get; private init; }

    public ByteRange InputRequests { get; private init; }

    public ByteRange TaskId { get; private init; }

    /// <param name="bytes">A message the envelope reader accepted.</param>
    /// <param name="result">Where its result stands, an object.</param>
    public static ResultMembers Read(ReadOnlySpan<byte> bytes, ByteRange result)
    {
        var reader = new Utf8JsonReader(bytes.Slice(result.Start, result.Length), JsonMembers.AnyDepth);
        reader.Read();
        var members = new ResultMembers { IsEmpty = true, IsComplete = true };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var which = reader.ValueTextEquals("resultType"u8) ? 1 : reader.ValueTextEquals("ttlMs"u8) ? 2 : reader.ValueTextEquals("cacheScope"u8) ? 3
                : reader.ValueTextEquals("requestState"u8) ? 4 : reader.ValueTextEquals("taskId"u8) ? 5 : reader.ValueTextEquals("inputRequests"u8) ? 6 : 0;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var range = new ByteRange(result.Start + start, (int)reader.BytesConsumed - start);
            var token = bytes.Slice(range.Start, range.Length);
            members = which switch
            {
                1 => members with
                {
                    ResultType = range,
                    IsComplete = token[0] == '"' && JsonText.Means(token, "complete"u8),
                    IsInputRequired = token[0] == '"' && JsonText.Means(token, "input_required"u8),
                },
                2 => members with { TtlMs = range },
                3 => members with { CacheScope = range },
                4 => members with { RequestState = range },
                5 => members with { TaskId = range },
                6 => members with { InputRequests = range },
                _ => members,
            };
            if (members.IsEmpty)
                members = members with { IsEmpty = false };
        }
        return members;
    }
}
