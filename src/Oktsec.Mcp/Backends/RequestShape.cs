using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>Where the members stand in a request that a revision without sessions needs to find. One pass over bytes that were judged before.</summary>
internal ref struct RequestShape
{
    public ByteRange Params;
    public ByteRange Meta;
    public ByteRange Name;
    public ByteRange Uri;
    public ByteRange Arguments;
    public ByteRange InputResponses;
    public ByteRange RequestState;
    public ByteRange TaskId;

    public static RequestShape Of(ReadOnlySpan<byte> request)
    {
        var shape = default(RequestShape);
        var reader = new Utf8JsonReader(request, JsonMembers.AnyDepth);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isParams = reader.ValueTextEquals("params"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isParams && reader.TokenType == JsonTokenType.StartObject)
                shape.ReadParams(ref reader);
            else
                reader.Skip();
            if (isParams)
                shape.Params = new ByteRange(start, (int)reader.BytesConsumed - start);
        }
        return shape;
    }

    private void ReadParams(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // 1 to 7 in the order below; 0 for what is not looked for.
            var which = reader.ValueTextEquals("name"u8) ? 1 : reader.ValueTextEquals("arguments"u8) ? 2 : reader.ValueTextEquals("_meta"u8) ? 3
                : reader.ValueTextEquals("uri"u8) ? 4 : reader.ValueTextEquals("inputResponses"u8) ? 5 : reader.ValueTextEquals("requestState"u8) ? 6
                : reader.ValueTextEquals("taskId"u8) ? 7 : 0;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var range = new ByteRange(start, (int)reader.BytesConsumed - start);
            switch (which)
            {
                case 1: Name = range; break;
                case 2: Arguments = range; break;
                case 3: Meta = range; break;
                case 4: Uri = range; break;
                case 5: InputResponses = range; break;
                case 6: RequestState = range; break;
                case 7: TaskId = range; break;
            }
        }
    }
}
