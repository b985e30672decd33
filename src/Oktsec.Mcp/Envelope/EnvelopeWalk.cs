using System.Text.Json;

namespace Oktsec.Mcp.Envelope;

/// <summary>The one pass over a message: grammar, depth, keys, and where the members stand.</summary>
/// <remarks>
/// A message that is JSON but refused is read to its end, so that "not JSON" wins over every other fault and the id in the answer is
/// known to be the only one. The first fault is the one that is told.
/// </remarks>
internal ref struct EnvelopeWalk
{
    // A message deeper than its limit is read on to here for its id, so that a client is not left waiting for an answer it cannot match.
    private const int DeepestRead = 1000;

    public FoundMembers Found;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly EnvelopeLimits _limits;
    private readonly KeyTracker _keys;
    private Utf8JsonReader _reader;
    private int _depth;
    private EnvelopeMember _pending; // the member whose value comes next
    private EnvelopeMember _open2; // the member whose object or array is open at depth 2
    private EnvelopeMember _open3;
    private EnvelopeMember _open4; // inside _meta
    private EnvelopePlace _place1;
    private EnvelopePlace _place2;
    private EnvelopePlace _place3;
    private bool _idInDoubt;
    private EnvelopeFault _fault;
    private int _faultAt;

    public EnvelopeWalk(ReadOnlySpan<byte> bytes, EnvelopeLimits limits)
    {
        _bytes = bytes;
        _limits = limits;
        _keys = KeyTracker.Take();
        var deepest = Math.Max(DeepestRead, limits.MaxDepth) + 1; // one more, so that ours is the check that fires
        _reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = deepest });
    }

    /// <summary>Walks the message; null when it is well-formed.</summary>
    public EnvelopeError? Run()
    {
        try
        {
            do
            {
                _reader.Read();
                if (!Step())
                    return EnvelopeRefusal.Of(EnvelopeFault.TooDeep, _faultAt);
            }
            while (_depth > 0);
        }
        catch (JsonException problem)
        {
            return EnvelopeRefusal.Of(EnvelopeFault.NotJson, OffsetOf(problem));
        }

        var end = EnvelopeReader.SkipWhitespace(_bytes, (int)_reader.BytesConsumed);
        if (end < _bytes.Length)
            return EnvelopeRefusal.Of(EnvelopeFault.TrailingBytes, end);
        if (_fault != EnvelopeFault.None)
            return EnvelopeRefusal.Of(_fault, _faultAt, CertainId());
        return EnvelopeShape.Check(in Found, _bytes, CertainId());
    }

    private bool Step()
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                OnKey();
                return true;
            case JsonTokenType.StartObject:
            case JsonTokenType.StartArray:
                return OnOpen();
            case JsonTokenType.EndObject:
                _keys.CloseObject();
                OnClose();
                return true;
            case JsonTokenType.EndArray:
                OnClose();
                return true;
            case JsonTokenType.String when _reader.ValueIsEscaped:
                CheckEscapes();
                break;
        }
        OnScalar();
        return true;
    }

    private void OnKey()
    {
        var start = (int)_reader.TokenStartIndex + 1; // after the quote
        var key = _reader.ValueSpan;
        bool isNew;
        if (!_reader.ValueIsEscaped)
        {
            isNew = _keys.Add(_bytes, start, key.Length);
        }
        else if (CheckEscapes())
        {
            var room = _keys.RoomFor(key.Length);
            key = room[.._reader.CopyString(room)];
            isNew = _keys.AddDecoded(_bytes, key.Length);
        }
        else
        {
            return; // already refused, and not decodable
        }

        if (!isNew)
            Refuse(EnvelopeFault.DuplicateKey, start - 1);
        var place = Place;
        if (place != EnvelopePlace.Elsewhere)
            OnKnownPlace(place, key, start - 1, isNew);
    }

    private void OnKnownPlace(EnvelopePlace place, ReadOnlySpan<byte> key, int offset, bool isNew)
    {
        _pending = KnownKeys.Find(place, key, out var variantOf);
        if (_pending == EnvelopeMember.CaseVariant)
            Refuse(EnvelopeFault.CaseVariantKey, offset);
        _idInDoubt |= variantOf == EnvelopeMember.Id || (_pending == EnvelopeMember.Id && !isNew);
    }

    private readonly EnvelopePlace Place => _depth switch
    {
        1 => _place1,
        2 => _place2,
        3 => _place3,
        _ => EnvelopePlace.Elsewhere,
    };

    private bool OnOpen()
    {
        var start = (int)_reader.TokenStartIndex;
        _depth++;
        if (_depth > _limits.MaxDepth)
        {
            Refuse(EnvelopeFault.TooDeep, start);
            if (_depth > DeepestRead)
            {
                _faultAt = start;
                return false;
            }
        }

        var isObject = _reader.TokenType == JsonTokenType.StartObject;
        if (isObject)
            _keys.OpenObject();
        if (_depth == 1)
        {
            _place1 = isObject ? EnvelopePlace.Envelope : EnvelopePlace.Elsewhere;
            if (!isObject)
                Refuse(EnvelopeFault.Batch, start);
            return true;
        }
        if (_depth == 2)
            (_open2, _place2) = (_pending, isObject ? Inside(_pending) : EnvelopePlace.Elsewhere);
        else if (_depth == 3)
            (_open3, _place3) = (_pending, isObject ? Inside(_pending) : EnvelopePlace.Elsewhere);
        else if (_depth == 4)
            _open4 = _pending;
        if (_pending != EnvelopeMember.None)
            Note(_pending, start, 0);
        _pending = EnvelopeMember.None;
        return true;
    }

    private static EnvelopePlace Inside(EnvelopeMember member) => member switch
    {
        EnvelopeMember.Params => EnvelopePlace.Params,
        EnvelopeMember.Error => EnvelopePlace.Error,
        EnvelopeMember.Meta => EnvelopePlace.Meta,
        EnvelopeMember.Reference => EnvelopePlace.Reference,
        _ => EnvelopePlace.Elsewhere,
    };

    private void OnClose()
    {
        var member = _depth switch
        {
            2 => _open2,
            3 => _open3,
            4 => _open4,
            _ => EnvelopeMember.None,
        };
        _depth--;
        if (member != EnvelopeMember.None)
            Found[(int)member].Length = (int)_reader.BytesConsumed - Found[(int)member].Start;
    }

    private void OnScalar()
    {
        if (_depth == 0)
            Refuse(EnvelopeFault.NotAnObject, (int)_reader.TokenStartIndex);
        if (_pending == EnvelopeMember.None)
            return;
        var start = (int)_reader.TokenStartIndex;
        Note(_pending, start, (int)_reader.BytesConsumed - start);
        _pending = EnvelopeMember.None;
    }

    private void Note(EnvelopeMember member, int start, int length) =>
        Found[(int)member] = new FoundValue { Start = start, Length = length, Type = _reader.TokenType };

    private bool CheckEscapes()
    {
        var at = JsonText.LoneSurrogate(_reader.ValueSpan);
        if (at < 0)
            return true;
        Refuse(EnvelopeFault.InvalidUtf8, (int)_reader.TokenStartIndex + 1 + at);
        return false;
    }

    private void Refuse(EnvelopeFault fault, int offset)
    {
        if (_fault == EnvelopeFault.None)
            (_fault, _faultAt) = (fault, offset);
    }

    private readonly byte[] CertainId()
    {
        var id = Found[(int)EnvelopeMember.Id];
        if (_idInDoubt || !id.IsStringOrInteger(_bytes))
            return [];
        var token = id.In(_bytes);
        return JsonText.LoneSurrogate(token) < 0 ? token.ToArray() : [];
    }

    private readonly int OffsetOf(JsonException problem)
    {
        var lineStart = 0;
        for (var line = problem.LineNumber ?? 0; line > 0; line--)
            lineStart += _bytes[lineStart..].IndexOf((byte)'\n') + 1;
        return (int)Math.Min(_bytes.Length, lineStart + (problem.BytePositionInLine ?? 0));
    }
}
