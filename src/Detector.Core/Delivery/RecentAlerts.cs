namespace Detector.Core.Delivery;

/// <summary>Remembers the newest of the alerts that came by, so that repeats are known. Safe from many threads.</summary>
/// <param name="most">How many.</param>
public sealed class RecentAlerts(int most)
{
    private readonly HashSet<AlertId> _known = [];
    private readonly Queue<AlertId> _order = [];

    /// <summary>False if it is known.</summary>
    public bool Add(AlertId id)
    {
        lock (_known)
        {
            if (!_known.Add(id))
            {
                return false;
            }
            _order.Enqueue(id);
            if (_order.Count > most)
            {
                _known.Remove(_order.Dequeue());
            }
            return true;
        }
    }
}
