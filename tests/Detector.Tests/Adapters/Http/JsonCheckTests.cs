using System.Text;
using Detector.Adapters.Http;

namespace Detector.Tests.Adapters.Http;

public sealed class JsonCheckTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData(" {\"Records\":[{\"eventName\":\"A\"}]}\n")]
    [InlineData("{\"a\":1}\n{\"a\":2}\r\n\r\n{\"a\":3}")]
    [InlineData("[{\"Type\":\"SubscriptionConfirmation\"}]")]
    [InlineData("{\"Type\":\"Notification\",\"Message\":\"{}\"}")]
    [InlineData("{\"detail\":{\"Type\":\"SubscriptionConfirmation\"}}")]
    [InlineData("{\"Type\":{\"a\":[1]},\"b\":2}")]
    public void Fault_JsonOfAnyShape_IsNone(string body) => Assert.Null(JsonCheck.Fault(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("", "the body is empty")]
    [InlineData(" \n ", "the body is empty")]
    [InlineData("hello", "line 1, byte 1: not JSON")]
    [InlineData("{\"a\":1}\n{\"a\":", "line 2, byte 6: not JSON")]
    [InlineData("{\"a\":1,}", "line 1, byte 8: not JSON")]
    [InlineData("42", "byte 0: expected an object or an array of events")]
    [InlineData("{} \"text\"", "byte 3: expected an object or an array of events")]
    public void Fault_NotJson_TellsThePlace(string body, string reason)
    {
        var fault = JsonCheck.Fault(Encoding.UTF8.GetBytes(body));

        Assert.Equal(new Refusal(400, reason), fault);
    }

    [Fact]
    public void Fault_NotUtf8_IsTold() => Assert.Equal("the body is not UTF-8", JsonCheck.Fault([(byte)'"', 0xff, (byte)'"'])?.Reason);

    [Fact]
    public void Fault_DeepNest_IsToldAndDoesNotOverflow() => Assert.Equal(400, JsonCheck.Fault(Encoding.UTF8.GetBytes(new string('[', 1_000_000)))?.Status);

    [Theory]
    [InlineData("{\"Type\":\"SubscriptionConfirmation\",\"SubscribeURL\":\"https://198.51.100.7/\"}")]
    [InlineData("{}\n{\"MessageId\":\"1\",\"Type\":\"UnsubscribeConfirmation\"}")]
    [InlineData("{\"\\u0054ype\":\"Subscription\\u0043onfirmation\"}")]
    public void Fault_SubscriptionConfirmation_IsNotFollowed(string body)
    {
        var fault = JsonCheck.Fault(Encoding.UTF8.GetBytes(body));

        Assert.Equal(422, fault?.Status);
        Assert.DoesNotContain("198.51.100.7", fault?.Reason, StringComparison.Ordinal);
    }
}
