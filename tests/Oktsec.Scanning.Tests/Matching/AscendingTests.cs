using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Tests.Matching;

public sealed class AscendingTests
{
    [Fact]
    public void Sort_AnyNumbers_AreInOrder()
    {
        var random = new Random(2);
        for (var n = 0; n < 3000; n++)
        {
            var values = Enumerable.Range(0, n % 150).Select(_ => random.Next(-20, n % 7 == 0 ? 5 : 100_000)).ToArray();
            var expected = values.Order().ToArray();
            Ascending.Sort(values);
            Assert.Equal(expected, values);
        }
    }
}
