namespace Oktsec.Scanning.Validators;

/// <summary>A named test that a match must pass: a checksum, a shape, enough randomness. One row here makes it usable in rules.</summary>
/// <param name="Name">As rules write it.</param>
/// <param name="Accepts">True when the matched text may be the real thing.</param>
internal sealed record Validator(string Name, ValidatorTest Accepts)
{
    private static readonly Dictionary<string, Validator> All = new Validator[]
    {
        new("luhn", Luhn.IsValid),
        new("card", Card.IsValid),
        new("iban", Iban.IsValid),
        new("aba", Aba.IsValid),
        // Bits per character: English words stay near 3, hex digits reach 4, random letters and digits of 20 characters about 3.9.
        new("entropy-3", text => Entropy.BitsPerByte(text) >= 3.0),
        new("entropy-3.5", text => Entropy.BitsPerByte(text) >= 3.5),
        new("entropy-4", text => Entropy.BitsPerByte(text) >= 4.0),
        new("no-placeholder", text => !Placeholder.IsPlaceholder(text)),
        new("no-sequence", text => !Sequence.IsSequence(text)),
        new("random", Randomness.LooksRandom),
        new("well-mixed", Randomness.IsWellMixed),
        new("mixed", Randomness.IsMixed),
        new("mixed-case", text => text.IndexOfAnyInRange((byte)'a', (byte)'z') >= 0 && text.IndexOfAnyInRange((byte)'A', (byte)'Z') >= 0),
        new("real-password", text => !Placeholder.IsStandIn(text)),
        new("basic-credentials", BasicCredentials.IsValid),
        // A client secret of Entra ID; what goes on is some other text.
        new("at-most-40", text => text.Length <= 40),
        new("has-digit", text => text.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0),
        new("jwt", Jwt.IsValid),
        new("github-checksum", Base62Checksum.IsValid),
        new("ssn", SocialSecurityNumber.IsValid),
        new("cpf", CheckDigits.IsCpf),
        new("verhoeff", CheckDigits.IsVerhoeff),
        new("dni", CheckDigits.IsDni),
        new("nir", CheckDigits.IsNir),
        new("pesel", CheckDigits.IsPesel),
        new("bsn", CheckDigits.IsBsn),
        new("steuer-id", CheckDigits.IsSteuerId),
    }.ToDictionary(validator => validator.Name);

    public static IEnumerable<string> Names => All.Keys.Order(StringComparer.Ordinal);

    public static Validator? Find(string name) => All.GetValueOrDefault(name);
}

internal delegate bool ValidatorTest(ReadOnlySpan<byte> text);
