#include "model/spsa_loss.h"

namespace qdcnn::model {
namespace {

// Of the step's chance, apart from the sentences' own streams, which are numbered from 0.
constexpr std::uint64_t kPerturbationStream = 1ULL << 40;

class SpsaLoss final : public LossFunction {
  public:
    SpsaLoss(std::unique_ptr<LossFunction> loss, double perturbation)
        : loss_(std::move(loss)), perturbation_(perturbation) {}

    std::size_t size() const override { return loss_->size(); }
    void draw(const Random& chance) override {
        loss_->draw(chance);
        random_ = chance.stream(kPerturbationStream);
    }

    double gradient(std::span<const double> parameters, std::span<const std::size_t> batch,
                    std::span<double> gradient) override {
        std::vector<double> direction(parameters.size()), at(parameters.size()), ignored(parameters.size());
        for (double& one : direction) one = random_.below(2) == 0 ? -1.0 : 1.0;
        const auto loss_at = [&](double distance) {
            for (std::size_t k = 0; k < at.size(); ++k) at[k] = parameters[k] + distance * direction[k];
            return loss_->gradient(at, batch, ignored);
        };
        const double up = loss_at(perturbation_), down = loss_at(-perturbation_);
        const double slope = (up - down) / (2.0 * perturbation_);
        for (std::size_t k = 0; k < gradient.size(); ++k) gradient[k] = slope * direction[k];
        return 0.5 * (up + down);
    }

    std::vector<double> logits(std::span<const double> parameters) override {
        return loss_->logits(parameters);
    }
    double selection_loss(std::span<const double> parameters) override {
        return loss_->selection_loss(parameters);
    }

  private:
    std::unique_ptr<LossFunction> loss_;
    double perturbation_;
    Random random_{0};
};

}  // namespace

std::unique_ptr<LossFunction> make_spsa_loss(std::unique_ptr<LossFunction> loss, double perturbation) {
    return std::make_unique<SpsaLoss>(std::move(loss), perturbation);
}

}  // namespace qdcnn::model
