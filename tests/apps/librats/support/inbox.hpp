// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace librats::test {

/// So long a test waits for what must come. Only a test that fails ever waits that long.
constexpr auto deadline = std::chrono::seconds{60};

/// Carries what callbacks got to the thread of the test.
template <class T>
class inbox {
public:
  void push(T x) {
    const std::lock_guard lock{mutex_};
    items_.push_back(std::move(x));
    changed_.notify_all();
  }

  /// Waits for the next one.
  T pop() {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, deadline, [&] { return !items_.empty(); }))
      BOOST_FAIL("nothing came in time");
    auto out = std::move(items_.front());
    items_.pop_front();
    return out;
  }

  [[nodiscard]] std::size_t size() {
    const std::lock_guard lock{mutex_};
    return items_.size();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> items_;
};

} // namespace librats::test
