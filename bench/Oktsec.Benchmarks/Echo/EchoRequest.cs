using System.Text.Json;

namespace Oktsec.Benchmarks.Echo;

/// <summary>The few members of a message that the echo server answers to, as raw JSON tokens of the line.</summary>
internal readonly ref struct EchoRequest
{
    public ReadOnlySpan<byte> Id { get; private init; }

    public ReadOnlySpan<byte> Method { get; private init; }

    public ReadOnlySpan<byte> Name { get; private init; }

    public ReadOnlySpan<byte> Text { get; private init; }

    public ReadOnlySpan<byte> Marker { get; private init; }

    public ReadOnlySpan<byte> ProtocolVersion { get; private init; }

    public static EchoRequest Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        ReadOnlySpan<byte> id = default, method = default, name = default, text = default, marker = default, version = default;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue;
            switch (reader.CurrentDepth)
            {
                case 1 when reader.ValueTextEquals("id"u8): id = Value(ref reader, line); break;
                case 1 when reader.ValueTextEquals("method"u8): method = Value(ref reader, line); break;
                case 2 when reader.ValueTextEquals("name"u8): name = Value(ref reader, line); break;
                case 2 when reader.ValueTextEquals("protocolVersion"u8): version = Value(ref reader, line); break;
                case 3 when reader.ValueTextEquals("text"u8): text = Value(ref reader, line); break;
                case 3 when reader.ValueTextEquals("marker"u8): marker = Value(ref reader, line); break;
            }
        }
        return new EchoRequest { Id = id, Method = method, Name = name, Text = text, Marker = marker, ProtocolVersion = version };
    }

    private static ReadOnlySpan<byte> Value(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        reader.Read();
        return line[(int)reader.TokenStartIndex..(int)reader.BytesConsumed];
    }
}
