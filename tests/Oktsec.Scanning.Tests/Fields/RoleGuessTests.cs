using System.Text;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Tests.Fields;

public sealed class RoleGuessTests
{
    [Theory]
    [InlineData("file_text", false)]
    [InlineData("fileContents", false)]
    [InlineData("old_string", false)]
    [InlineData("new_str", false)]
    [InlineData("text_file", true)]
    [InlineData("scriptPath", true)]
    [InlineData("source", true)]
    [InlineData("path", true)]
    public void OfKey_LastWord_SaysWhetherItIsAPath(string key, bool expected) =>
        Assert.Equal(expected, RoleGuess.OfKey(Encoding.UTF8.GetBytes(key)).HasFlag(FieldRoles.Path));
}
