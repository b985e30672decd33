using System.Text;
using Oktsec.Scanning.Validators;

namespace Oktsec.Scanning.Tests.Validators;

public sealed class ValidatorTests
{
    [Theory]
    [InlineData("no-sequence", "abcdefghijklmnop12345678", false)]
    [InlineData("no-sequence", "TESTTESTTESTTEST", false)]
    [InlineData("no-sequence", "q8Wm3Xr7Tn2Lb9Vc4Kd6Pf", true)]
    [InlineData("random", "q8Wm3Xr7Tn2Lb9Vc4Kd6Pf", true)]
    [InlineData("random", "a7d2b9c4e1f3a8d60b5c9e2f4a1d8c7b", true)]
    [InlineData("random", "some_long_name_of_a_variable_2", false)]
    [InlineData("random", "authorization-server-metadata", false)]
    [InlineData("mixed", "abcDEF123", true)]
    [InlineData("mixed", "abcdef123", false)]
    [InlineData("well-mixed", "UserPasswordResetV2ViewSet", false)]
    [InlineData("well-mixed", "q8Wm3Xr7Tn", true)]
    [InlineData("mixed-case", "abcDEF", true)]
    [InlineData("mixed-case", "abcdef", false)]
    [InlineData("real-password", "Vc4Kd6Pf1Hs", true)]
    [InlineData("real-password", "password", false)]
    [InlineData("real-password", "$DB_PASSWORD", false)]
    [InlineData("real-password", "<password>", false)]
    [InlineData("no-placeholder", "your-api-key-here", false)]
    [InlineData("no-placeholder", "q8Wm3Xr7Tn2Lb9Vc4Kd6Pf", true)]
    [InlineData("basic-credentials", "ZGVwbG95OnE4V20zWHI3VG4yTA==", true)]
    [InlineData("basic-credentials", "dXNlcjpwYXNzd29yZA==", false)]
    [InlineData("basic-credentials", "bm8gY29sb24gaGVyZQ==", false)]
    [InlineData("basic-credentials", "not base64!", false)]
    [InlineData("ssn", "536-22-8917", true)]
    [InlineData("ssn", "000-22-8917", false)]
    [InlineData("ssn", "666-22-8917", false)]
    [InlineData("ssn", "900-22-8917", false)]
    [InlineData("ssn", "536-00-8917", false)]
    [InlineData("ssn", "078-05-1120", false)]
    [InlineData("cpf", "529.982.247-25", true)]
    [InlineData("cpf", "529.982.247-26", false)]
    [InlineData("cpf", "111.111.111-11", false)]
    [InlineData("verhoeff", "2345 6789 0124", true)]
    [InlineData("verhoeff", "2345 6789 0125", false)]
    [InlineData("dni", "12345678Z", true)]
    [InlineData("dni", "X1234567L", true)]
    [InlineData("dni", "12345678A", false)]
    [InlineData("nir", "255081416802538", true)]
    [InlineData("nir", "255081416802539", false)]
    [InlineData("pesel", "44051401359", true)]
    [InlineData("pesel", "44051401358", false)]
    [InlineData("bsn", "111222333", true)]
    [InlineData("bsn", "111222334", false)]
    [InlineData("steuer-id", "86095742719", true)]
    [InlineData("steuer-id", "86095742718", false)]
    public void Validator_Text_IsAcceptedOrNot(string name, string text, bool expected) =>
        Assert.Equal(expected, Validator.Find(name)!.Accepts(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Validators_AnyBytes_Return()
    {
        var random = new Random(20261);
        var bytes = new byte[300];
        foreach (var name in Validator.Names)
        {
            var validator = Validator.Find(name)!;
            for (var length = 0; length <= bytes.Length; length++)
            {
                random.NextBytes(bytes);
                _ = validator.Accepts(bytes.AsSpan(0, length));
                for (var i = 0; i < length; i++)
                    bytes[i] = (byte)('0' + bytes[i] % 10);
                _ = validator.Accepts(bytes.AsSpan(0, length));
            }
            _ = validator.Accepts(new byte[5000]);
        }
    }

    [Theory]
    [InlineData("pay DE89 3704 0044 0532 0130 00 now", "DE89 3704 0044 0532 0130 00")]
    [InlineData("GB82WEST12345698765432", "GB82WEST12345698765432")]
    [InlineData("DE88 3704 0044 0532 0130 00", "")]
    [InlineData("xDE89370400440532013000", "")]
    [InlineData("DE893704004405320130001", "")]
    [InlineData("D", "")]
    public void Iban_InText_IsFoundByItsCheckDigits(string text, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var found = IbanRuns.Next(bytes, 0, out var start, out var end) ? text[start..end] : "";
        Assert.Equal(expected, found);
    }
}
