#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "qdcnn/backend/backend.h"

namespace qdcnn::run {

/// Another job whose result is put into another form, once it is there.
template <typename From, typename To>
class MappedJob final : public backend::Job<To> {
  public:
    MappedJob(std::unique_ptr<backend::Job<From>> job, std::function<To(From)> map)
        : job_(std::move(job)), map_(std::move(map)) {}
    std::string id() const override { return job_->id(); }
    backend::JobStatus status() override { return job_->status(); }
    To result() override { return map_(job_->result()); }
    void cancel() override { job_->cancel(); }

  private:
    std::unique_ptr<backend::Job<From>> job_;
    std::function<To(From)> map_;
};

}  // namespace qdcnn::run
